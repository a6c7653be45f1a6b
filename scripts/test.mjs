/**
 * `npm test`: installs, checks, and runs every test with whatever it needs. With Jest's options it runs those tests alone:
 * `npm test -- --selectProjects unit`. The last line tells the sum, by itself: `12 passed, 0 failed`.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { check } from './check.mjs';
import { ensureInstalled } from './install.mjs';
import { root, runNode, say } from './run.mjs';

const RESULTS = join(root, '.tools', `test-results-${process.pid}.json`);

process.chdir(root);
const options = process.argv.slice(2);
await ensureInstalled();
const failedChecks = options.length === 0 ? await check() : [];
await ensureBuilt();

mkdirSync(join(root, '.tools'), { recursive: true });
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const code = await runNode([jest, ...options, '--json', `--outputFile=${RESULTS}`]);
const { passed, failed, skipped } = counts(code);

if (failedChecks.length > 0) say(`Checks that failed: ${failedChecks.join(', ')}`);
const failures = failed + failedChecks.length;
say(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failures === 0 && code === 0 ? 0 : 1;

/** Counts tests; a file that could not run, or a set-up that failed, is one failure. */
function counts(exitCode) {
  let results;
  try {
    results = JSON.parse(readFileSync(RESULTS, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { passed: 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
  } finally {
    rmSync(RESULTS, { force: true });
  }
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return {
    passed: results.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
