/** `npm run build`: makes `dist/` from the sources, unless it is theirs already. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWeb } from './build-web.mjs';
import { ensureInstalled } from './install.mjs';
import { root, runNode, say } from './run.mjs';

const DIST = join(root, 'dist');
const STAMP = join(DIST, '.sources');
/** A container image is built without the last one. */
const SOURCE_FOLDERS = ['src', 'workflows', 'activities', 'db', 'bench'];
/** What else decides the result. */
const INPUTS = ['package-lock.json', 'scripts/build.mjs', 'scripts/build-web.mjs'];
/** Has a build of its own, for browsers. */
const WEB = join(root, 'src', 'web');

/** Builds in a process of its own, whose memory is given back, when a source has changed since the last build. */
export async function ensureBuilt() {
  if (isBuilt()) return;
  say('Building; a few seconds');
  const code = await runNode([fileURLToPath(import.meta.url)]);
  if (code !== 0) process.exit(code);
}

function isBuilt() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint(sources());
}

/** Paths of all source files, in a fixed order. */
function sources() {
  return SOURCE_FOLDERS.filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .sort();
}

function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of [...INPUTS.map((name) => join(root, name)), ...files]) {
    hash.update(`${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

async function build() {
  const files = sources();
  // read first: a source that is saved while we build is built again next time
  const stamp = fingerprint(files);
  const unfinished = join(root, '.tools', `build-${process.pid}`);
  rmSync(unfinished, { recursive: true, force: true });
  const forNode = files.filter((file) => !file.startsWith(`${WEB}${sep}`));
  await Promise.all([
    transpile(forNode, unfinished),
    bundleWorkflows(unfinished),
    buildWeb(join(unfinished, 'src', 'web')),
  ]);
  writeFileSync(join(unfinished, '.sources'), stamp);
  rmSync(DIST, { recursive: true, force: true });
  renameSync(unfinished, DIST);
}

/** One CommonJS file for each TypeScript file, in the same folders; everything else (SQL, CSV, pages) is copied. */
async function transpile(files, outdir) {
  const { build: esbuild } = await import('esbuild');
  const isCode = (file) => file.endsWith('.ts');
  await esbuild({
    entryPoints: files.filter(isCode),
    outbase: root,
    outdir,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // what is loaded when it is needed is a file like the others: without an extension
    supported: { 'dynamic-import': false },
    sourcemap: true,
    logLevel: 'warning',
  });
  chmodSync(join(outdir, 'src', 'cli', 'main.js'), 0o755);
  for (const file of files.filter((name) => !isCode(name))) {
    const copy = join(outdir, relative(root, file));
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(file, copy);
  }
}

/** All workflow code in one file, the same for every worker, so that none has to bundle it at its start. */
async function bundleWorkflows(outdir) {
  const workflowsPath = join(root, 'workflows', 'index.ts');
  if (!existsSync(workflowsPath)) return;
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  mkdirSync(outdir, { recursive: true });
  writeFileSync(join(outdir, 'workflow-bundle.js'), code);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled();
  if (!isBuilt()) await build();
}
