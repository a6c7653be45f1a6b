import { existsSync, readFileSync } from 'node:fs';

const PROMISES = readFileSync('docs/guarantees.md', 'utf8')
  .split(/^### /m)
  .slice(1)
  .map((part) => ({ promise: part.split('\n')[0] ?? '', files: part.match(/test\/[\w/.-]+\.test\.ts/g) ?? [] }));

test.each(PROMISES)('"$promise" is proved by tests that are there', ({ promise, files }) => {
  expect(promise).toMatch(/^[A-Z].*[^.]$/);
  expect(files).not.toEqual([]);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

test('whatever the page says of tests is read by the test above', () => {
  const page = readFileSync('docs/guarantees.md', 'utf8');

  expect(page.match(/test\/[^`\s]+/g)).toHaveLength(PROMISES.flatMap(({ files }) => files).length);
  expect(page.match(/^Tests: /gm)).toHaveLength(PROMISES.length);
});
