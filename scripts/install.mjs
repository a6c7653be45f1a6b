import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mendDriver } from './mend-driver.mjs';
import { fail, root, run, say } from './run.mjs';

/** Newest syntax and APIs in use: `require` of ECMAScript modules. */
const LEAST_NODE = [20, 19];
/** Beside npm's own record of what is installed: which binary interface the compiled modules were made for. */
const ABI_FILE = join(root, 'node_modules', '.node-abi');

/** Installs the dependencies unless what is installed is what the lock file says. Needs nothing but Node.js and npm. */
export async function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    fail(
      `Node.js ${LEAST_NODE.join('.')} or later is needed; this is ${process.versions.node}. See https://nodejs.org`,
    );
  }
  const reason = whyInstall();
  if (reason) await install(reason);
  mendDriver();
}

async function install(reason) {
  say(`Installing dependencies (${reason}); half a minute, or two where SQLite has to be compiled`);
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = npm?.endsWith('.js') ? await run(process.execPath, [npm, ...args]) : await run('npm', args);
  if (code !== 0) fail('npm could not install the dependencies: see above. Then start again.');
  writeFileSync(ABI_FILE, process.versions.modules);
}

/** Why the dependencies must be installed, or undefined when they need not. */
function whyInstall() {
  const recordFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(recordFile)) return 'first start';
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(recordFile);
  const isMissing = ([path, { version, optional, link }]) =>
    path !== '' && !link && !optional && installed[path]?.version !== version;
  if (Object.entries(wanted).some(isMissing)) return 'the lock file has changed';
  if (existsSync(ABI_FILE) && readFileSync(ABI_FILE, 'utf8') !== process.versions.modules) return 'Node.js has changed';
  return undefined;
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
