/** What may import what, and why: the table of docs/architecture.md. `import type` is free everywhere. */
const values = { dependencyTypesNot: ['type-only'] };
const TIME_ZONE_RULES = '^src/domain/(schedule|values|mapping)';

/** Files under `from` import as values what matches one of `allowed`, and nothing else. */
const only = (name, comment, from, allowed, fromNot) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, ...(fromNot ? { pathNot: fromNot } : {}) },
  to: { pathNot: allowed, ...values },
});

/** Files under `from` import as values nothing that matches one of `forbidden`. */
const never = (name, comment, from, forbidden, fromNot) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, ...(fromNot ? { pathNot: fromNot } : {}) },
  to: { path: forbidden, ...values },
});

module.exports = {
  forbidden: [
    only(
      'domain-is-pure',
      'The rules that decide right from wrong run anywhere, and are tested without anything.',
      '^src/domain/',
      ['^src/domain/', '^node_modules/(zod|@js-temporal/polyfill|@marcbachmann/cel-js)/'],
    ),
    never(
      'domain-time-in-one-place',
      'Calendar and time zones are evaluated in schedule and values alone, whose `disambiguation` is the rule for DST.',
      '^src/domain/',
      '^node_modules/@js-temporal/',
      '^src/domain/(schedule|values)',
    ),
    never(
      'domain-expressions-in-one-place',
      'The expression library is used by mapping alone.',
      '^src/domain/',
      '^node_modules/@marcbachmann/',
      '^src/domain/mapping',
    ),
    only(
      'workflows-stay-deterministic',
      'Replayed code: only types, src/domain, @temporalio/workflow and common.',
      '^workflows/',
      ['^workflows/', '^src/domain/(?!schedule|values|mapping)', '^node_modules/@temporalio/(workflow|common)/'],
    ),
    {
      name: 'workflows-reach-no-time-zones',
      severity: 'error',
      comment: 'Time zone tables and locales change between releases of Node.js: an activity asks them, at any depth.',
      from: { path: '^workflows/' },
      to: { path: TIME_ZONE_RULES, reachable: true },
    },
    only(
      'activities-are-thin',
      'Fetch, decide in the domain, store: queries and connectors are handed in.',
      '^activities/',
      [
        '^activities/',
        '^src/domain/',
        '^src/connectors/connector-error',
        '^node_modules/@temporalio/(activity|common)/',
        '^node:',
      ],
    ),
    never(
      'connectors-know-their-system',
      'A system knows nothing of Temporal, of the database, or of who uses it.',
      '^src/connectors/',
      [
        '^node_modules/(@temporalio|drizzle-orm|postgres)/',
        '^(db|workflows|activities)/',
        '^src/(?!connectors|domain)',
      ],
    ),
    never(
      'marketo-alone',
      'A system knows nothing of the other.',
      '^src/connectors/marketo/',
      '^src/connectors/salesforce/',
    ),
    never(
      'salesforce-alone',
      'A system knows nothing of the other.',
      '^src/connectors/salesforce/',
      '^src/connectors/marketo/',
    ),
    only('database-knows-the-domain', 'Tables and queries: the domain, Drizzle and the driver.', '^db/', [
      '^db/',
      '^src/domain/',
      '^node_modules/(drizzle-orm|postgres)/',
      '^(node:)?(net|path|crypto|stream|buffer)(/|$)',
    ]),
    never(
      'handlers-parse-call-answer',
      'Connectors and the Temporal client are handed in; main.ts wires them.',
      '^src/api/',
      [
        '^node_modules/@temporalio/',
        '^src/(connectors|worker|sandbox|local|web)/',
        '^activities/',
        '^workflows/(?!messages)',
        '^db/(?!queries)',
      ],
      '^src/api/main\\.ts$',
    ),
    never('browser-code', 'No Node.js in the browser.', '^src/web/', [
      '^src/(?!web|api/schemas|domain)',
      '^(db|workflows|activities)/',
      '^node:',
    ]),
    never(
      'sandbox-shares-nothing',
      'Shared code would share the misunderstanding, and every test would pass.',
      '^src/sandbox/',
      ['^src/(?!sandbox/)', '^(db|workflows|activities)/', '^node_modules/jsforce/'],
    ),
    never(
      'product-knows-no-sandbox',
      'The sandbox is reached by HTTP, as the vendors are.',
      '^(src|db|workflows|activities)/',
      '^src/sandbox/',
      '^src/sandbox/',
    ),
    never(
      'product-knows-no-test',
      'What runs for users does not depend on tests.',
      '^(src|db|workflows|activities)/',
      '^(test|bench)/',
    ),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one file, or three.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'runtime-dependencies-are-declared',
      severity: 'error',
      comment:
        'What runs for users is under "dependencies"; src/local runs from a clone alone, where all is installed.',
      from: { path: '^(src|db|workflows|activities)/', pathNot: '^src/local/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], ...values },
    },
    {
      name: 'imports-exist',
      severity: 'error',
      comment: 'The file or package is there.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
