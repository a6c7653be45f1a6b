/** `npm start`: installs and builds what is missing, then runs Sync with everything it needs on this machine. */
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root } from './run.mjs';

process.chdir(root);
await ensureInstalled();
await ensureBuilt();
await import('../dist/src/main.js');
