/** `npm run sandbox`: both vendors alone, with their demo data and control API. */
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root } from './run.mjs';

process.chdir(root);
await ensureInstalled();
await ensureBuilt();
await import('../dist/src/sandbox/main.js');
