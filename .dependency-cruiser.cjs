/** What may import what, and why: the table of docs/architecture.md. `import type` is free everywhere. */
const { NOT_FOR_WORKFLOWS, options } = require('./.dependency-cruiser.shared.cjs');

const values = { dependencyTypesNot: ['type-only'] };
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
      'Calendar and time zones are evaluated in these files alone, whose `disambiguation` is the rule for DST.',
      '^src/domain/',
      '^node_modules/@js-temporal/',
      '^src/domain/(schedule|values|day-range)',
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
      ['^workflows/', `^src/domain/(?!${NOT_FOR_WORKFLOWS})`, '^node_modules/@temporalio/(workflow|common)/'],
    ),
    only(
      'activities-are-thin',
      'Fetch, decide in the domain, store: the database and the connectors are handed in.',
      '^activities/',
      [
        '^activities/',
        '^src/domain/',
        '^src/connectors/connector-error',
        '^db/queries/',
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
    only(
      'database-knows-the-domain',
      'Tables and queries: the domain, Drizzle and the driver; JSON columns are parsed where they are read.',
      '^db/',
      [
        '^db/',
        '^src/domain/',
        '^node_modules/(drizzle-orm|postgres|zod)/',
        '^(node:)?(net|path|crypto|stream|buffer)(/|$)',
      ],
    ),
    never(
      'handlers-parse-call-answer',
      'Connectors and the Temporal client are handed in; main.ts wires them.',
      '^src/api/',
      [
        '^node_modules/@temporalio/',
        '^src/(connectors/(?!connector-error)|worker|sandbox|local|web)/',
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
      'command-line-is-a-client',
      'It reaches everything by the API, as other programs do; the types of answers come from the schemas.',
      '^src/cli/',
      ['^(db|workflows|activities)/', '^src/(?!cli/|yaml/|domain/|api/schemas/|api/definitions/schema)'],
    ),
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
        'What runs for users is under "dependencies"; src/local runs from a clone alone, where all is installed, and src/web is bundled there.',
      from: { path: '^(src|db|workflows|activities)/', pathNot: '^src/(local|web)/' },
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
  options: { ...options, tsPreCompilationDeps: true },
};
