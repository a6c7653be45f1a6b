/**
 * `npm run chaos -- 17`, or `-- 1-20`: all of Sync as processes that are killed and frozen while the vendors fail, as these seeds decide,
 * and a summary of what befell them. `npm run chaos -- kills`: a run of minutes whose worker is killed every minute, against the same
 * run undisturbed.
 */
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { fail, root, runNode } from './run.mjs';

const [wanted = '1-20'] = process.argv.slice(2);
if (!/^(\d+(-\d+)?|kills)$/.test(wanted)) {
  fail(`Give a seed or a range of them, such as 17 or 1-20, or the word kills, not ${wanted}.`);
}
process.chdir(root);
await ensureInstalled();
await ensureBuilt();
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
process.exitCode = await runNode([jest, '--selectProjects', 'chaos'], { env: { ...process.env, CHAOS: wanted } });
