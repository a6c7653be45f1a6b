import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MINUTES_MS = 60_000;
const PATIENCE_MS = 15 * MINUTES_MS;
const MAX_OUTPUT = 16 * 2 ** 20;

/** Exact versions: figures of other ones are other figures. */
const NODE_PACKAGES = { sfdmu: '3.7.19', '@oclif/config': '1.18.17', jsforce: '3.10.16' };
/** Each has an environment of its own: they want different versions of the same packages. All versions are in `requirements/`. */
const PYTHON_FOLDERS = ['scripts', 'airbyte-source-salesforce', 'airbyte-source-marketo'] as const;

/** What peers are installed into, below the peers' folder. */
export type PeerFolder = 'node' | (typeof PYTHON_FOLDERS)[number];

/** Where peers are installed, outside the project: they are measured, never used. */
export function peersDir(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return process.env.SYNC_PEERS_DIR || join(cache, 'sync-peers');
}

/** The interpreter of one of the environments. */
export function pythonOf(folder: PeerFolder): string {
  return join(peersDir(), folder, 'bin', 'python');
}

/**
 * Installs what a peer needs, unless what is there is what is wanted.
 * @throws Error with what the package manager said
 */
export async function setUp(folder: PeerFolder): Promise<void> {
  const target = join(peersDir(), folder);
  const wanted = folder === 'node' ? nodeManifest() : readFileSync(requirementsOf(folder), 'utf8');
  const stamp = join(target, 'installed.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log(`Installing ${folder} into ${target}`);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  if (folder === 'node') await installNode(target);
  else await installPython(folder, target);
  writeFileSync(stamp, wanted);
}

const nodeManifest = (): string => `${JSON.stringify({ private: true, dependencies: NODE_PACKAGES }, null, 2)}\n`;
const requirementsOf = (folder: PeerFolder): string => join(__dirname, 'requirements', `${folder}.txt`);

async function installNode(target: string): Promise<void> {
  writeFileSync(join(target, 'package.json'), nodeManifest());
  await call('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], target);
}

/** `SYNC_PEERS_PYTHON` names an interpreter other than `python3`; Airbyte's sources take Python 3.10 and 3.11. */
async function installPython(folder: PeerFolder, target: string): Promise<void> {
  const requirements = join(target, 'requirements.txt');
  copyFileSync(requirementsOf(folder), requirements);
  await call(process.env.SYNC_PEERS_PYTHON || 'python3', ['-m', 'venv', target], target);
  await call(pythonOf(folder), ['-m', 'pip', 'install', '--quiet', '-r', requirements], target);
}

async function call(program: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(program, args, { cwd, timeout: PATIENCE_MS, maxBuffer: MAX_OUTPUT });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string }; // what execFile rejects with
    throw new Error(`${program} failed: ${stderr.trim().split('\n').at(-1) || message}`);
  }
}
