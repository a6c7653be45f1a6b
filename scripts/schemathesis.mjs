/**
 * `npm run schemathesis`: starts all of Sync with a folder and ports of its own, over demo data, and has Schemathesis try every route with what the
 * API's document describes and with what it forbids. It fails where an answer is 5xx, or not what the document says. Options are handed on:
 * `npm run schemathesis -- --seed 7 --max-examples 500 --include-path /api/v1/syncs`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { makeDemo } from './pages/demo.mjs';
import { startSync } from './pages/stack.mjs';
import { fail, root, run, say } from './run.mjs';

const SETTINGS = join(root, 'scripts', 'schemathesis');
const FOLDER = join(root, '.tools', 'schemathesis');
const PYTHON = join(FOLDER, 'python');

process.chdir(root);
await ensureInstalled();
await ensureBuilt();
await ensureSchemathesis();
const sync = await startSync({ SYNC_CALLS_PER_MINUTE: '10000000' });
try {
  await makeDemo(sync);
  process.exitCode = await run(
    join(PYTHON, 'bin', 'schemathesis'),
    ['--config-file', join(SETTINGS, 'schemathesis.toml'), 'run', `${sync.url}/openapi.json`, ...process.argv.slice(2)],
    {
      cwd: FOLDER,
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS_FILE: join(SETTINGS, 'hooks.py'),
        SYNC_API_KEY: sync.key,
        SANDBOX_MARKETO: sync.vendors.marketo,
        SANDBOX_SALESFORCE: sync.vendors.salesforce,
      },
    },
  );
} finally {
  await sync.stop();
}

/** Installs exactly what `requirements.txt` names into a folder of its own, unless it is there. */
async function ensureSchemathesis() {
  const requirements = join(SETTINGS, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  const installed = join(PYTHON, 'requirements.txt');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
  say('Installing Schemathesis');
  rmSync(PYTHON, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const python = join(PYTHON, 'bin', 'python');
  const steps = [
    ['python3', '-m', 'venv', PYTHON],
    [python, '-m', 'pip', 'install', '--quiet', '--requirement', requirements],
  ];
  for (const [program, ...args] of steps) {
    const code = await run(program, args).catch((error) => error.message);
    if (code !== 0) fail(`Schemathesis could not be installed (${code}). It needs Python 3.10 or later with venv.`);
  }
  writeFileSync(installed, wanted);
}
