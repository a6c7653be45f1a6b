/** `npm run bench -- NAME [OPTIONS]`: runs a benchmark of bench/ by its name, and prints its figures. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root, runNode, say } from './run.mjs';

const [name = 'sandbox-marketo', ...options] = process.argv.slice(2);
process.chdir(root);
await ensureInstalled();
await ensureBuilt();
const program = join('dist', 'bench', `${name}.js`);
if (existsSync(program)) process.exitCode = await runNode(['--enable-source-maps', program, ...options]);
else {
  say(`There is no benchmark ${name}; see bench/.`);
  process.exitCode = 1;
}
