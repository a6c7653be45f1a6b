/**
 * `npm run bench -- flood [RATE] [SLOW] [SECONDS]`: what a flood does to others. So many calls a second (default 2,000) with a key that nobody has, while so
 * many clients (500) send their request one byte a second, over so many seconds (20). Meanwhile health is asked for, and lists with a key
 * that is known. The API is a process of its own with its usual settings.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiProcess, forgetPeak, withApi } from './api-process';
import { loadText, peakMb, residentMb } from './cpu';
import { type BenchDatabase, withDatabase } from './database';
import { LOAD_TOOL, type LoadFigures, load, prepareLoadTool } from './load-tool';

const [rate = 2_000, slow = 500, seconds = 20] = process.argv.slice(2).map(Number);
const DATABASE_PORT = 5_937;
const API_PORT = 3_920;
const OTHERS_RATE = 20;
const DRIP_EVERY_MS = 1_000;

/** Clients that never come to the end of their request. */
function openSlow(url: string, count: number): { open(): number; close(): void } {
  const { hostname, port, pathname } = new URL(url);
  const sockets: Socket[] = Array.from({ length: count }, () => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => socket.destroy());
    socket.write(`GET ${pathname}/syncs HTTP/1.1\r\nHost: ${hostname}:${port}\r\nX-Slow: `);
    return socket;
  });
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('x');
  }, DRIP_EVERY_MS);
  return {
    open: () => sockets.filter(({ readyState }) => readyState === 'open').length,
    close: () => {
      clearInterval(drip);
      for (const socket of sockets) socket.destroy();
    },
  };
}

const told = ({ requests, statuses, ms }: LoadFigures): string =>
  `median ${ms.median.toFixed(1)}, p95 ${ms.p95.toFixed(1)}, p99 ${ms.p99.toFixed(1)}, most ${ms.most.toFixed(0)} ms; ${Object.entries(
    statuses,
  )
    .map(([status, count]) => `${count} x ${status}`)
    .join(', ')} of ${requests}`;

/** What others get: health, and the list of syncs. */
async function others(api: ApiProcess, over: number): Promise<[health: LoadFigures, lists: LoadFigures]> {
  const asked = { rate: OTHERS_RATE, seconds: over, apiKey: api.apiKey };
  return Promise.all([load([new URL('/healthz', api.url).href], asked), load([`${api.url}/syncs`], asked)]);
}

async function tellOthers(when: string, [health, lists]: [LoadFigures, LoadFigures]): Promise<void> {
  console.log(`${when}, health: ${told(health)}`);
  console.log(`${when}, lists: ${told(lists)}`);
}

async function flood(database: BenchDatabase): Promise<void> {
  await withApi(database, API_PORT, async (api) => {
    await tellOthers('before', await others(api, seconds));
    const before = residentMb(api.pid);
    forgetPeak(api.pid);
    const slowOnes = openSlow(api.url, slow);
    let stillOpen = 0;
    await sleep(DRIP_EVERY_MS);
    const [flooded, figures] = await Promise.all([
      load([`${api.url}/syncs`], { rate, seconds, apiKey: 'a key that nobody has' }),
      others(api, seconds),
    ]).finally(() => {
      stillOpen = slowOnes.open();
      slowOnes.close();
    });
    await tellOthers(`while ${rate} calls a second come, and ${slow} slowly`, figures);
    console.log(`the flood: ${told(flooded)}; ${stillOpen} of the slow ones were still open`);
    console.log(`memory of the API: ${before} MB before, at most ${peakMb(api.pid)} MB; ${loadText()}, ${LOAD_TOOL}`);
  });
}

async function main(): Promise<void> {
  await prepareLoadTool();
  await withDatabase(DATABASE_PORT, flood);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
