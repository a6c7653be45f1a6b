import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const document = readFileSync('docs/cases.md', 'utf8');
/** Each case with the test files that it names. */
const CASES = document
  .split(/^### /m)
  .slice(1)
  .map((part) => ({ number: part.slice(0, 3), files: part.match(/test\/[\w/.-]+\.test\.ts/g) ?? [] }));
const titledBy = (number: string) => new RegExp(`['"\`]${number}\\b|['"\`]C\\d\\d and ${number}\\b`);

test.each(CASES)('$number is tested where the document says', ({ number, files }) => {
  expect(files).not.toEqual([]);
  for (const file of files) expect(readFileSync(file, 'utf8')).toMatch(titledBy(number));
});

test('every number in a title is a case of the document', () => {
  const known = new Set(CASES.map(({ number }) => number));
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  const titles = files.flatMap((file) =>
    [
      ...readFileSync(join('test', file), 'utf8').matchAll(/(?:describe|test)(?:\.each\([^)]*\))?\(\s*['"`](C\d\d)\b/g),
    ].map(([, number]) => number),
  );
  expect(titles.length).toBeGreaterThan(CASES.length);
  expect(titles.filter((number) => !known.has(number ?? ''))).toEqual([]);
});
