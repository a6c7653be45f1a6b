// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of programs
/**
 * Faults that somebody may make one day, each with the test that has to notice it: `npm run planted` makes them, one at a time, in a copy.
 * An edit is a file, a text of it, and what stands there instead; the text is there once, or is replaced wherever it is (`everywhere`).
 */

const torture = {
  project: 'torture',
  file: 'test/torture/seeds.test.ts',
  env: { TORTURE_RECORDS: '500', TORTURE_SEEDS: '1-60' },
};
const unit = (file, title) => ({ project: 'unit', file: `test/unit/${file}.test.ts`, title });
const integration = (file, title) => ({ project: 'integration', file: `test/integration/${file}.test.ts`, title });
const contract = (file, title) => ({ project: 'contract', file: `test/contract/${file}.test.ts`, title });

const EPOCH = 'and epoch = ${attempt.epoch}';
const ANY_EPOCH = 'and epoch >= 0';
const TRANSACTION = '        await deps.sql.begin(async (tx) => {';
/** Saves a cursor before the transaction with its records. */
const cursorFirst = (file, cursor) => [
  [file, `          await saveCursor(tx, run.attempt, { ${cursor} });\n`, ''],
  [file, TRANSACTION, `        await saveCursor(deps.sql, run.attempt, { ${cursor} });\n${TRANSACTION}`],
];
const PART_CURSOR = 'cursor = ${page.next === null ? null : JSON.stringify(page.next)}::text::jsonb';
const STAGING = '  await sql.begin(async (tx) => {\n    const replaced =';
const LOAD_CURSOR = 'if (cursor !== null) await saveCursor(sql, run.attempt, { load: { round, cursor } });';
const LOADING = '    const batches = await deps.sql.begin(async (tx) => {';

/** What loses or doubles records when a process dies at a bad moment. */
export const LOAD_FAULTS = [
  {
    name: 'an attempt that is believed dead still writes',
    edits: ['db/queries/batches.ts', 'db/queries/executions.ts'].map((file) => [file, EPOCH, ANY_EPOCH, 'everywhere']),
    test: torture,
  },
  {
    name: 'what was sent is sent again without asking',
    edits: [
      [
        'activities/load-batch.ts',
        'if (isToBeAskedAbout(batch, watch))',
        "if (isToBeAskedAbout({ ...batch, state: 'planned', sentAt: null }, watch))",
      ],
    ],
    test: torture,
  },
  {
    name: 'the cursor of extract is saved before its records',
    edits: [
      ['db/queries/staging.ts', `set ${PART_CURSOR},\n        records =`, 'set records ='],
      [
        'db/queries/staging.ts',
        STAGING,
        `  await sql\`update extract_parts set ${PART_CURSOR} where execution_id = \${attempt.executionId} and part = \${part}\`;\n${STAGING}`,
      ],
    ],
    test: torture,
  },
  {
    name: 'the cursor of filter is saved before its outcomes',
    edits: cursorFirst('activities/filter.ts', 'filter: last.sortKey'),
    test: torture,
  },
  {
    name: 'the cursor of map is saved before its records',
    edits: cursorFirst('activities/map.ts', 'map: last.sortKey'),
    test: torture,
  },
  {
    name: 'the cursor of load is saved before its batches',
    edits: [
      ['activities/load-plan.ts', LOAD_CURSOR, ''],
      ['activities/load.ts', LOADING, `    ${LOAD_CURSOR.replace('(sql,', '(deps.sql,')}\n${LOADING}`],
    ],
    test: torture,
  },
];

/** What lets somebody do or see what is not theirs. Each title claims the requirement of OWASP ASVS that is broken. */
export const SECURITY_FAULTS = [
  {
    name: 'viewers see the values of records',
    edits: [['src/api/masking.ts', "role === 'viewer' && value !== null", "role !== 'viewer' && value !== null"]],
    test: integration('api-follow-ups', 'ASVS 8.2.3'),
  },
  {
    name: 'other sites may cause changes',
    edits: [['src/api/same-origin.ts', "if (request.method === 'GET' ||", "if (request.method === 'POST' ||"]],
    test: integration('session', 'ASVS 3.5.1'),
  },
  {
    name: 'a role is enough for everything',
    edits: [['src/api/sign-in.ts', '>= ROLES.indexOf(role)) return;', '>= 0) return;']],
    test: integration('api-access', 'ASVS 6.3.4, 8.2.1'),
  },
  {
    name: 'a key that has expired is taken',
    edits: [['db/queries/api-keys.ts', 'expires_at > now()', 'expires_at is not null']],
    test: integration('api-access', 'a key that has expired .*ASVS 6.3.4'),
  },
  {
    name: 'calls are not counted',
    edits: [['src/api/call-rates.ts', 'await this.calls.consume(callerId);', 'await this.calls.get(callerId);']],
    test: integration('api-access', 'ASVS 2.4.1'),
  },
  {
    name: 'pages may stand in a frame',
    edits: [['src/api/security-headers.ts', `frameAncestors: ["'none'"]`, `frameAncestors: ['*']`]],
    test: integration('api-security', 'ASVS 3.2.1'),
  },
  {
    name: 'a sealed secret opens wherever it was moved to',
    edits: [['src/security/secrets.ts', '/${id}/${place}`', '/${id}`', 'everywhere']],
    test: unit('secrets', 'another row .*ASVS 11.3.3'),
  },
  {
    name: "a host is a vendor's by the end of its name",
    edits: [
      ['src/security/allowed-urls.ts', 'url.hostname.endsWith(domain)', 'url.hostname.endsWith(domain.slice(1))'],
    ],
    test: unit('allowed-urls', 'ASVS 1.2.2'),
  },
  {
    name: 'redirects are followed',
    edits: ['src/connectors/marketo/http.ts', 'src/connectors/salesforce/http-transport.ts'].map((file) => [
      file,
      'maxRedirects: 0',
      'maxRedirects: 5',
    ]),
    test: contract('outgoing-addresses', 'ASVS 1.3.6, 13.2.5'),
  },
  {
    name: 'a cell of a download begins a formula',
    edits: [['src/domain/csv-cell.ts', "/^['=+", "/^['+"]],
    test: unit('csv-cell', 'ASVS 1.2.10'),
  },
  {
    name: 'a quote of a value ends the literal of a query',
    edits: [['src/connectors/salesforce/soql-literal.ts', "/[\\\\'\\u0000", '/[\\\\\\u0000']],
    test: unit('salesforce-soql-filter', 'ASVS 1.1.2'),
  },
];
