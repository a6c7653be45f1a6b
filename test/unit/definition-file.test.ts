import { isDeepStrictEqual } from 'node:util';
import { jsonParts, yamlParts } from '../../src/api/definitions/export';
import { definitionsSchema } from '../../src/api/definitions/schema';
import { DEFINITIONS } from '../../src/api/schemas/definitions';
import { type DraftDefinition, draftDefinition } from '../../src/domain/definition';
import {
  connectionToFile,
  definitionOf,
  definitionsFile,
  syncInFile,
  syncToFile,
} from '../../src/domain/definition-file';
import { memberChanges } from '../../src/domain/member-changes';
import { readYaml } from '../../src/yaml/yaml';
import fc from '../support/fast-check';

const MARKETO = '5f0c1c56-5f9e-4f0e-9a53-0d6c2a7e9b10';
const SALESFORCE = '0d3b6c0a-52c1-4a5f-8f0e-7b1c9f2d3e44';
const GONE = '11111111-2222-4333-8444-555555555555';
const NAMES = new Map([
  [MARKETO, 'Marketo: "EU" # 1'],
  [SALESFORCE, 'no'],
]);
const nameOf = (connectionId: string) => NAMES.get(connectionId);
const idOf = (name: string) => [...NAMES].find(([, known]) => known === name)?.[0];

/** Texts that a careless writer of YAML would spoil. */
const text = fc.oneof(
  fc.constantFrom(
    'no',
    '~',
    '1e3',
    '0x10',
    '2026-12-01',
    ' lead',
    'a: b',
    '# x',
    '- x',
    'line\nbreak\n',
    'tab\t',
    '\u2028',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
);
const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const end = fc.record({ connectionId: fc.constantFrom(MARKETO, SALESFORCE, GONE), object: text });
const mapping = fc.record(
  {
    from: fc.oneof(fc.record({ field: text }), fc.record({ constant: scalar })),
    to: text,
    default: scalar,
    values: fc.dictionary(text, scalar, { maxKeys: 3 }),
    lookup: fc.record({ object: text, by: text, missing: fc.constantFrom('fail', 'blank', 'skip') }),
  },
  { requiredKeys: ['from', 'to'] },
);
const definition = fc
  .record(
    {
      name: text,
      description: text,
      source: end,
      destination: end,
      mappings: fc.array(mapping, { maxLength: 3 }),
      filter: fc.record({ column: text, operator: fc.constant('in'), value: fc.array(scalar, { maxLength: 3 }) }),
      schedule: fc.constantFrom({ type: 'now' }, { type: 'once', at: '2026-12-01T09:00', timeZone: 'UTC' }),
      stopAfterFailures: fc.record({ percent: fc.integer({ min: 0, max: 100 }) }),
    },
    { requiredKeys: ['name'] },
  )
  .map((given) => draftDefinition.safeParse(given))
  .filter(({ success }) => success)
  .map(({ data }) => data as DraftDefinition); // those that succeeded

async function* each(items: readonly object[]): AsyncIterable<object> {
  yield* items;
}
const connections = [
  { name: 'no', kind: 'marketo' as const, settings: { baseUrl: 'https://x.example.com', clientId: '1' } },
];
const exported = (syncs: readonly DraftDefinition[]) => ({
  connections: each(connections.map(connectionToFile)),
  syncs: each(syncs.map((sync) => syncToFile(sync, nameOf))),
});
const whole = async (parts: AsyncIterable<string>): Promise<string> => {
  let written = '';
  for await (const part of parts) written += part;
  return written;
};

test('what is exported means the same definitions when it is read again, as YAML and as JSON', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(definition, { maxLength: 6 }), fc.boolean(), async (syncs, isYaml) => {
      const written = await whole(
        isYaml ? yamlParts(exported(syncs), 'https://sync.example.com') : jsonParts(exported(syncs)),
      );

      const file = definitionsFile.parse(await readYaml(written));
      const read = file.syncs.map((sync) => definitionOf(sync, idOf));

      expect(read.map((sync) => sync.definition)).toEqual(syncs);
      expect(read.flatMap(({ problems }) => problems)).toEqual([]);
      expect(file.connections).toMatchObject(connections);
    }),
    { numRuns: 8 },
  );
});

test('two definitions have no difference exactly if they are equal, and each difference is at a path of its own', () => {
  fc.assert(
    fc.property(definition, definition, (one, other) => {
      const [before, after] = [syncToFile(one, nameOf), syncToFile(other, nameOf)];

      const paths = memberChanges(before, after).map(({ path }) => path);

      expect(memberChanges(before, structuredClone(before))).toEqual([]);
      expect(paths.length === 0).toBe(isDeepStrictEqual(before, after));
      expect(new Set(paths).size).toBe(paths.length);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['a member that changed', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: 'a.b', before: 1, after: 2 }]],
  ['one that is new', {}, { a: null }, [{ path: 'a', after: null }]],
  ['one that has gone', { a: [1] }, {}, [{ path: 'a', before: [1] }]],
  ['a list as a whole', { a: [1, 2] }, { a: [2, 1] }, [{ path: 'a', before: [1, 2], after: [2, 1] }]],
  ['lists of equal items', { a: [{ b: 1 }] }, { a: [{ b: 1 }] }, []],
  [
    'mappings by what they fill',
    { mappings: [{ to: 'A', x: 1 }, { to: 'B' }] },
    { mappings: [{ to: 'C' }, { to: 'A', x: 2 }] },
    [
      { path: 'mappings[C]', after: { to: 'C' } },
      { path: 'mappings[A].x', before: 1, after: 2 },
      { path: 'mappings[B]', before: { to: 'B' } },
    ],
  ],
  [
    'mappings in another order',
    { mappings: [{ to: 'A' }, { to: 'B' }] },
    { mappings: [{ to: 'B' }, { to: 'A' }] },
    [{ path: 'mappings', before: ['A', 'B'], after: ['B', 'A'] }],
  ],
])('%s is told', (_what, before, after, told) => {
  expect(memberChanges(before, after)).toEqual(told);
});

test('a connection that is not there is a problem at the member that names it', () => {
  const sync = syncInFile.parse({ name: 'x', source: { connection: 'Nobody', object: 'Lead' } });

  expect(definitionOf(sync, idOf)).toEqual({
    definition: expect.not.objectContaining({ source: expect.anything() }),
    problems: [{ path: 'source.connection', message: expect.stringContaining('"Nobody"') }],
  });
});

test('the schema for editors knows every member of the example, and is of the draft that editors know', () => {
  const schema = JSON.stringify(definitionsSchema());

  expect(definitionsFile.safeParse(DEFINITIONS).success).toBe(true);
  expect(schema).toContain('http://json-schema.org/draft-07/schema#');
  for (const member of ['clientSecret', 'connection', 'deduplicate', 'mappings', 'timeZone', 'inLast']) {
    expect(schema).toContain(`"${member}"`);
  }
});
