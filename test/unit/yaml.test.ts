import { linesIn, readYaml, UnreadableYaml, writeYaml } from '../../src/yaml/yaml';

const FILE = `# for the sales team
connections:
  - name: Marketo EU
    settings: { clientId: a,
                clientSecret: b }
syncs:
- name: Leads
  mappings:
  - from:
      field: email
    to: Email
  - to: LastName
`;

test('members are found by their line; one that is not there by that of the nearest around it', async () => {
  const lines = await linesIn(FILE, [
    'connections[0].settings.clientSecret',
    'syncs[0].mappings[0].from.field',
    'syncs[0].mappings[1].to',
    'syncs[0].mappings[1].default',
    'syncs[0].schedule',
    'elsewhere',
  ]);

  expect(lines).toEqual([5, 10, 12, 12, 7, 2]);
});

test.each([
  ['a key that stands twice', 'a: 1\nb: 2\na: 3', 3],
  ['the same in JSON', '{"a": 1,\n "a": 2}', 2],
  ['an alias, by which a small file becomes a huge one', 'a: &a [1]\nb: [*a, *a]', 2],
  ['a tag of a programming language', 'a: !!js/function "x"', 1],
  ['wrong indentation', 'a:\n  b: 1\n c: 2', 3],
  ['nesting without end', '['.repeat(10_000), 1],
  ['more values than 20 MB of definitions have', `[${'[],'.repeat(2_000_000)}]`, null],
  ['a number that is none', 'a: .inf', null],
])('%s is refused with its line', async (_what, text, line) => {
  await expect(readYaml(text)).rejects.toMatchObject({ line });
});

test('a second document is refused, and an empty text is nothing', async () => {
  await expect(readYaml('a: 1\n---\nb: 2')).rejects.toThrow(UnreadableYaml);
  expect(await readYaml('')).toBeUndefined();
});

test('a name that programs give a meaning is a name like any other (ASVS 1.5.2)', async () => {
  const read = (await readYaml('__proto__:\n  admin: true\n')) as Record<string, unknown>;

  expect(Object.keys(read)).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>).admin).toBeUndefined();
});

test('texts that look like something else stay texts', async () => {
  const texts = ['no', 'yes', '~', '1e3', '0o7', '2026-12-01T02:30', '', ' x ', 'a\nb\n', 'x: y'];

  expect(await readYaml(writeYaml(texts))).toEqual(texts);
});
