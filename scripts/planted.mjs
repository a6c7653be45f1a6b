/**
 * `npm run planted`, or `-- load`, or `-- security`: makes faults in a copy of the project, one at a time, and says which of them the tests
 * have noticed that are there for them. Fails when one goes unnoticed.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { LOAD_FAULTS, SECURITY_FAULTS } from './planted-faults.mjs';
import { fail, root, runNode, say } from './run.mjs';

const SETS = { load: LOAD_FAULTS, security: SECURITY_FAULTS, all: [...LOAD_FAULTS, ...SECURITY_FAULTS] };
const [wanted = 'all'] = process.argv.slice(2);
const faults = SETS[wanted] ?? fail(`Say load, security, or nothing for all of them, not ${wanted}.`);
process.chdir(root);
await ensureInstalled();

/** What belongs to the project, without what was installed, which is used from where it is. */
function copyProject() {
  const folder = mkdtempSync(join(tmpdir(), 'sync-planted-'));
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter(Boolean)) cpSync(join(root, file), join(folder, file));
  for (const used of ['node_modules', '.tools']) symlinkSync(join(root, used), join(folder, used));
  return folder;
}

/** Makes the edits of a fault. @returns what takes them back */
function plant(folder, edits) {
  const before = new Map();
  for (const [name, from, to, everywhere] of edits) {
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    if (!before.has(file)) before.set(file, text);
    const found = text.split(from).length - 1;
    if (found === 0 || (found > 1 && !everywhere)) fail(`${name} holds ${found} times: ${from}`);
    writeFileSync(
      file,
      text.replaceAll(from, () => to),
    );
  }
  return () => {
    for (const [file, text] of before) writeFileSync(file, text);
  };
}

/** Runs the test that is there for a fault. @returns how many tests ran, and how many of them failed */
async function runTest(folder, { project, file, title, env = {} }) {
  const result = join(folder, 'result.json');
  rmSync(result, { force: true });
  await runNode(
    [
      ...[join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--rootDir', folder, '--selectProjects', project],
      ...['--runTestsByPath', file, '--json', `--outputFile=${result}`, '--silent'],
      ...(title === undefined ? [] : ['--testNamePattern', title]),
    ],
    { cwd: folder, env: { ...process.env, ...env }, stdio: 'ignore' },
  );
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(result, 'utf8'));
  if (numRuntimeErrorTestSuites > 0) fail(`${file} does not even begin with this fault, which shows nothing.`);
  return { ran: numPassedTests + numFailedTests, failed: numFailedTests };
}

const folder = copyProject();
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
/** Tests that pass while nothing is planted: only they can notice something. */
const sound = new Set();
let unnoticed = 0;
for (const { name, edits, test } of faults) {
  const key = JSON.stringify(test);
  if (!sound.has(key)) {
    const { ran, failed } = await runTest(folder, test);
    if (ran === 0 || failed > 0) fail(`Without a fault ${failed} of ${ran} fail: ${test.file}, "${test.title ?? ''}"`);
    sound.add(key);
  }
  const takeBack = plant(folder, edits);
  const { ran, failed } = await runTest(folder, test);
  takeBack();
  if (failed === 0) unnoticed += 1;
  say(
    `${failed > 0 ? 'noticed' : 'NOT NOTICED'}: ${name}. ${failed} of ${ran} failed: ${test.file}${test.title ? `, "${test.title}"` : ''}`,
  );
}
say(`${faults.length - unnoticed} of ${faults.length} faults were noticed.`);
process.exitCode = unnoticed > 0 ? 1 : 0;
