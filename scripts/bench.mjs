/** `npm run bench`: measures Sync on the sandbox, and prints the figures. Options go to bench/main.ts. */
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root, runNode } from './run.mjs';

process.chdir(root);
await ensureInstalled();
await ensureBuilt();
process.exitCode = await runNode(['--enable-source-maps', 'dist/bench/main.js', ...process.argv.slice(2)]);
