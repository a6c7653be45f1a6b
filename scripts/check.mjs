/** `npm run check`: what people and the build server check alike, without running a test. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { root, say } from './run.mjs';

const CHECKS = {
  types: ['typescript/bin/tsc', '-p', '.', '--noEmit'],
  'types of the web UI': ['typescript/bin/tsc', '-p', 'src/web', '--noEmit'],
  'format and lint': ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  'import rules': [
    'dependency-cruiser/bin/dependency-cruise.mjs',
    '--config=.dependency-cruiser.cjs',
    ...['src', 'workflows', 'activities', 'db', 'test', 'bench'],
  ],
  'what workflows reach': [
    'dependency-cruiser/bin/dependency-cruise.mjs',
    '--config=.dependency-cruiser.workflows.cjs',
    ...['workflows', 'src/domain'],
  ],
  'unused code': ['knip/bin/knip.js', '--no-progress'],
  'security document': ['../scripts/security-document.mjs'],
};

/**
 * Runs all checks at once and shows what the failing ones say.
 * @returns {Promise<string[]>} the names of those that failed
 */
export async function check() {
  const results = await Promise.all(
    Object.entries(CHECKS).map(async ([name, [tool, ...args]]) => {
      const startedAt = performance.now();
      const { code, text } = await output([join(root, 'node_modules', tool), ...args]);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      say(`Check of ${name}: ${code === 0 ? 'passed' : 'FAILED'} (${seconds} s)`);
      if (code !== 0) say(text);
      return { name, code };
    }),
  );
  return results.filter(({ code }) => code !== 0).map(({ name }) => name);
}

function output(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, text: Buffer.concat(chunks).toString('utf8') }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled();
  process.exitCode = (await check()).length === 0 ? 0 : 1;
}
