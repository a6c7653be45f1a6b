/**
 * Mends the PostgreSQL driver after it has been installed: see docs/decisions/030-the-database-driver-is-mended.md. To be
 * taken out with the release of the driver that does not need it.
 */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './run.mjs';

const FILE = join(root, 'node_modules', 'postgres', 'cjs', 'src', 'connection.js');
/** The file as it was installed. */
const PUBLISHED = `${FILE}.published`;

/** What the driver has, and what it should have: a connection that is cut forgets what it was about to write. */
const MENDS = [
  {
    // in `nextWrite`: what is written to a connection that is closed fails, instead of ending the process
    has: '    const x = socket.write(chunk, fn)\n',
    wants: `    if (!socket) {
      clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      const lost = Errors.connection('CONNECTION_CLOSED', options)
      query && queryError(query, lost)
      query = null
      while (sent.length)
        queryError(sent.shift(), lost)
      return true
    }
    const x = socket.write(chunk, fn)
`,
  },
  {
    // in `terminate` and in `closed`: otherwise the next connection in this place would never write
    has: '\n    clearImmediate(nextWriteTimer)\n',
    wants: '\n    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n',
  },
  {
    // in `closed`, where all queries have failed: otherwise the end of the pool would wait for the last one
    has: '\n    closedTime = performance.now()\n',
    wants: '\n    query = null\n    closedTime = performance.now()\n',
  },
  {
    // in `ReadyForQuery`: nobody waits for this question, so a connection that is lost meanwhile would end the process; the next one asks it again
    has: '        return fetchArrayTypes()\n',
    wants: '        return fetchArrayTypes().catch(() => { needsTypes = true })\n',
  },
];

/** Changes the installed file, unless that has been done. */
export function mendDriver() {
  if (!existsSync(PUBLISHED)) copyFileSync(FILE, PUBLISHED);
  const published = readFileSync(PUBLISHED, 'utf8');
  const mended = MENDS.reduce((text, { has, wants }) => {
    if (!text.includes(has)) fail('The PostgreSQL driver is not the version that scripts/mend-driver.mjs is for.');
    return text.replaceAll(has, wants);
  }, published);
  if (readFileSync(FILE, 'utf8') === mended) return;
  // at once: another start may be reading it
  const unfinished = `${FILE}.${process.pid}`;
  writeFileSync(unfinished, mended);
  renameSync(unfinished, FILE);
}
