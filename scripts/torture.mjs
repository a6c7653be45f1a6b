/**
 * `npm run torture -- 17`, or `-- 1-2000`: runs with the faults that these seeds decide, and a summary of what befell them. Each run has
 * 2,000 records, unless TORTURE_RECORDS says otherwise: `TORTURE_RECORDS=500` repeats a seed of `npm test`.
 */
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { fail, root, runNode } from './run.mjs';

const [seeds = '1-100'] = process.argv.slice(2);
if (!/^\d+(-\d+)?$/.test(seeds)) fail(`Seeds are a number or a range, such as 17 or 1-2000, not ${seeds}.`);
process.chdir(root);
await ensureInstalled();
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
process.exitCode = await runNode([jest, '--selectProjects', 'torture'], {
  env: { TORTURE_RECORDS: '2000', ...process.env, TORTURE_SEEDS: seeds },
});
