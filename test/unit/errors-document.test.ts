import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VENDOR_WORDS } from '../../src/web/lib/reasons';
import { classifiedErrors } from '../support/errors-document';

/** Cells of tables are padded in the document. */
const document = readFileSync('docs/errors.md', 'utf8').replace(/ +/g, ' ').replace(/-{3,}/g, '---');
const section = (title: string) => document.split(`## ${title}`)[1]?.split('\n## ')[0] ?? '';
const rows = (text: string) =>
  [...text.matchAll(/^\| ([\w ]+) \| (.*?) \|/gm)]
    .map(([, code = '', means = '']) => [code, means] as const)
    .filter(([code]) => code !== 'code');

test('the tables say what the classification of each system says, of each code, and of no other', () => {
  const meanings = new Map([...rows(section('Marketo: codes')), ...rows(section('Marketo: statuses'))]);

  const expected = classifiedErrors(meanings);

  expect(document).toContain(expected);
  expect([...meanings].filter(([, means]) => means === '')).toEqual([]);
});

test('codes that Sync gives by itself are those of the code', () => {
  const files = ['src/connectors', 'src/worker'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8')),
  );
  const source = files.join('\n');
  const errors = [...source.matchAll(/'([A-Z][A-Z_]{4,})',\s*\{\s*retry: '(\w+)'/g)];
  const given = new Set(errors.map(([, code]) => code));
  const told = rows(section("Sync's own codes")).map(([code]) => code);

  expect(given.size).toBeGreaterThan(5);
  expect([...given].filter((code) => !told.includes(code ?? ''))).toEqual([]);
  expect(told.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  for (const [, code = '', retry = ''] of errors) {
    const shown = { soon: 'retry soon', never: 'never' }[retry] ?? 'retry after';
    expect(section("Sync's own codes")).toMatch(new RegExp(`^\\| ${code} \\| [^|]+ \\| ${shown} `, 'm'));
  }
});

test('what the pages say of the code of a record is what the document says', () => {
  const told = new Map(rows(document));

  expect(Object.entries(VENDOR_WORDS).filter(([code, words]) => told.get(code) !== `${words}.`)).toEqual([]);
});
