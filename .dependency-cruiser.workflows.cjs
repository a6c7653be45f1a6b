/**
 * What workflow code reaches at any depth. Types do not count, since they are gone when the code runs: so this is read from what
 * TypeScript leaves, other than the rest of the rules.
 */
const { NOT_FOR_WORKFLOWS, options } = require('./.dependency-cruiser.shared.cjs');

module.exports = {
  forbidden: [
    {
      name: 'workflows-reach-no-time-zones',
      severity: 'error',
      comment: 'Time zone tables and locales change between releases of Node.js: an activity asks them.',
      from: { path: '^workflows/' },
      to: { path: `^src/domain/(${NOT_FOR_WORKFLOWS})`, reachable: true },
    },
    {
      name: 'workflows-reach-no-node',
      severity: 'error',
      comment: 'No files, no network, no process: workflow code depends on its input and its history alone.',
      from: { path: '^workflows/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: { ...options, tsPreCompilationDeps: false },
};
