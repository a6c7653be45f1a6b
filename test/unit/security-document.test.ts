import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join('scripts', 'security-document.mjs');
/** As it stands at the end of a title; written so that this file claims nothing. */
const claim = (numbers: string) => `(ASVS ${numbers})`;
const TITLE = `what was sealed opens to the same text, at its own place ${claim('11.3.2')}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'security-document-'));
  cpSync(join('docs', 'security.md'), join(folder, 'docs', 'security.md'));
  for (const kind of ['unit', 'integration', 'contract']) {
    const filter = (file: string) => !/\.\w+$/.test(file) || file.endsWith('.test.ts');
    cpSync(join('test', kind), join(folder, 'test', kind), { recursive: true, filter });
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function change(file: string, from: string | RegExp, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
}
const faults = () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return { status, lines: stdout.trim().split('\n') };
};

test('the table of requirements and the titles of the tests say the same', () => {
  expect(execFileSync(process.execPath, [SCRIPT], { encoding: 'utf8' })).toBe('');
});

test.each([
  [
    'a title loses its number',
    'test/unit/secrets.test.ts',
    TITLE,
    'what was sealed opens',
    'No title of a test in test/unit/secrets.test.ts claims 11.3.2.',
  ],
  [
    'a title claims what the table does not',
    'test/unit/secrets.test.ts',
    claim('11.3.2'),
    claim('11.3.2, 1.2.5'),
    'A title claims 1.2.5 in test/unit/secrets.test.ts',
  ],
  [
    'a number stands elsewhere than at the end of a title',
    'test/unit/secrets.test.ts',
    claim('11.3.2'),
    `${claim('11.3.2')} again`,
    'speaks of ASVS elsewhere',
  ],
  ['a requirement is left out', 'docs/security.md', /^\| 8\.3\.1 .*\n/m, '', '8.3.1 is not in the table.'],
  ['a requirement is there twice', 'docs/security.md', /^(\| 8\.4\.1 .*\n)/m, '$1$1', '8.4.1 is in the table twice.'],
  ['a level is wrong', 'docs/security.md', /^\| 8\.4\.1( +)\| 2/m, '| 8.4.1$1| 1', '8.4.1 is of level 2, not 1.'],
  ['a number is none', 'docs/security.md', /^\| 8\.4\.1 /m, '| 8.4.9 ', '8.4.9 is none of the requirements.'],
  [
    'a test is gone',
    'docs/security.md',
    'test/unit/secrets.test.ts',
    'test/unit/gone.test.ts',
    'No title of a test in test/unit/gone.test.ts claims',
  ],
  [
    'nothing proves what is told as tested',
    'docs/security.md',
    /^(\| 8\.3\.1 .*)`test[^`]+`/m,
    '$1by hand',
    '8.3.1 is told as tested, with 0 tests.',
  ],
  [
    'it stands in no known way',
    'docs/security.md',
    /^(\| 8\.4\.1 .*)does not apply/m,
    '$1is fine',
    '8.4.1 stands as "is fine"',
  ],
])('when %s, that is told', (_what, file, from, to, told) => {
  change(file, from, to);

  const { status, lines } = faults();

  expect(status).toBe(1);
  expect(lines).toContainEqual(expect.stringContaining(told));
});
