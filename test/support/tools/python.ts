import { existsSync } from 'node:fs';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { climb, type Rung, runLong, type Say } from '../../../src/local/tool-ladder';
import { programOrPackages } from './system-packages';

const TOOL = 'Python with API clients';
const REQUIREMENTS = resolve('test/support/tools/requirements.txt');

/**
 * Finds or makes a Python environment with independent clients of both vendors.
 * @returns path of its `python`
 */
export function findPython(toolsDir: string, say: Say): Promise<string> {
  const folder = join(toolsDir, 'python');
  const rungs: Rung[] = [
    {
      way: 'made earlier',
      attempt: async () =>
        (await isComplete(folder)) ? { path: pythonIn(folder) } : { missing: 'not there, or with other packages' },
    },
    { way: 'a new environment', attempt: () => make(folder, say) },
  ];
  return climb(
    TOOL,
    rungs,
    'Install Python 3.10 or later with venv (for example "apt-get install python3-venv").',
    say,
  );
}

const pythonIn = (folder: string): string => join(folder, 'bin', 'python');
/** Copied into the environment when everything is in it. */
const stampIn = (folder: string): string => join(folder, 'requirements.txt');

async function isComplete(folder: string): Promise<boolean> {
  if (!existsSync(stampIn(folder))) return false;
  const [wanted, present] = await Promise.all([readFile(REQUIREMENTS, 'utf8'), readFile(stampIn(folder), 'utf8')]);
  return wanted === present;
}

async function make(folder: string, say: Say): ReturnType<Rung['attempt']> {
  const packages = ['python3', 'python3-venv'];
  const python = await programOrPackages('python3', packages, say);
  await rm(folder, { recursive: true, force: true });
  const progress = (_lines: number, seconds: number) => say(`${TOOL}: installing for ${seconds} s`);
  await runLong(python, ['-m', 'venv', folder], { progress });
  await runLong(pythonIn(folder), ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS], { progress });
  await copyFile(REQUIREMENTS, stampIn(folder));
  return { path: pythonIn(folder) };
}
