/** Builds the web UI into a folder: by `npm run build`, and by itself for the tests of the browser. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { root } from './run.mjs';

/** Near the best there is, in a tenth of its time. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
/** What is smaller fits one packet anyway. */
const LEAST_BYTES = 1_400;

/** @param {string} outDir is emptied first */
export async function buildWeb(outDir) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: join(root, 'src', 'web'),
    // assets have addresses of their own, whatever page refers to them
    base: '/',
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      // those that know light-dark(): made for older ones, colours would follow the system instead of what a person has chosen
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: { onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log) },
    },
  });
  await compress(join(outDir, 'assets'));
}

/** Beside each file its compressed forms, so that no answer has to wait for them. */
async function compress(folder) {
  await Promise.all(
    readdirSync(folder).map(async (name) => {
      const file = join(folder, name);
      const content = readFileSync(file);
      if (content.length < LEAST_BYTES) return;
      writeFileSync(`${file}.br`, await promisify(brotliCompress)(content, BROTLI));
      writeFileSync(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [outDir = join('dist', 'src', 'web')] = process.argv.slice(2);
  await buildWeb(resolve(outDir));
}
