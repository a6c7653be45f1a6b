/**
 * `npm run bench -- peers [RECORDS] [--only NAME,...] [--runs N] [--fresh]`: other tools beside Sync, on the same sandbox and machine, at the
 * same people (default 100,000), taking turns, each so many times (default 3); medians, and what became of the people. The tools are
 * installed outside the project: `SYNC_PEERS_DIR`. What has been measured is kept in `.sync/bench-peers.jsonl`: a run that was stopped goes on.
 */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadText } from './cpu';
import { Everything } from './everything';
import { Diary, lineOf, type Result, tableOf } from './peers/diary';
import { Ours } from './peers/ours';
import { type Context, RUNNERS, type Runner } from './peers/runners';
import type { Tally } from './peers/seed';
import { Vendors } from './peers/vendors';

/** Ports below those that the system gives to connections. */
const FIRST_PORT = 20_000;
const PORT_BLOCKS = 100;
const PORTS_A_BLOCK = 100;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '3' },
      fresh: { type: 'boolean', default: false },
    },
  });
  const records = Number(positionals[0] ?? 100_000);
  const runners = chosen(values.only?.split(','));
  const diary = new Diary(resolve('.sync', 'bench-peers.jsonl'), values.fresh);
  const due = Array.from({ length: Number(values.runs) }, (_, index) => index + 1)
    .flatMap((run) => runners.map((runner) => ({ run, runner })))
    .filter(({ run, runner: { name } }) => !diary.has({ records, run, name }));
  if (due.length > 0) {
    const stopped = whenStopped();
    const work = (everything: Everything) =>
      Promise.race([measureAll(everything, records, due, diary, stopped), rejected(stopped)]);
    await Everything.with(0, work, await freePorts());
  }
  console.log(tableOf(runners.map((runner) => lineOf(runner, diary.of(runner.name, records)))));
}

function chosen(names: readonly string[] | undefined): readonly Runner[] {
  const unknown = names?.filter((name) => !RUNNERS.some((runner) => runner.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`There is no ${unknown.join(', ')}. There are: ${RUNNERS.map(({ name }) => name).join(', ')}`);
  return RUNNERS.filter(({ name }) => !names || names.includes(name));
}

async function measureAll(
  everything: Everything,
  records: number,
  due: readonly { run: number; runner: Runner }[],
  diary: Diary,
  stopped: AbortSignal,
): Promise<void> {
  const workDir = join(everything.settings.dataDir, 'peers');
  mkdirSync(workDir);
  console.log(`Filling the sandbox with ${records} people`);
  const vendors = await Vendors.fill(everything, records);
  const context = { vendors, ours: new Ours(everything, vendors), workDir };
  for (const { run, runner } of due) {
    const load = loadavg()[0] ?? 0;
    const result = { records, run, name: runner.name, load, ...(await measured(runner, context, everything)) };
    stopped.throwIfAborted(); // what fails because everything ends is no result
    diary.add(result);
    console.log(`${runner.name}, run ${run}: ${told(result)}; ${loadText()}`);
  }
}

/** So that what was started is ended, and what was being measured is not kept. */
function whenStopped(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopping.abort(new Error(`Stopped by ${signal}; the same command goes on`)));
  return stopping.signal;
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** One run. What fails is a result too. */
async function measured(runner: Runner, context: Context, everything: Everything): Promise<Partial<Result>> {
  const { vendors } = context;
  try {
    if (runner.fills) await vendors.empty(runner.fills);
    const callsBefore = await vendors.calls();
    const cpuBefore = (await everything.cpu()).sandbox;
    const cost = await runner.run(context);
    const sandboxCpuSeconds = (await everything.cpu()).sandbox - cpuBefore;
    const calls = (await vendors.calls()) - callsBefore;
    const tally = await runner.check(context);
    const { wrong, missing, doubled } = tally;
    const remark = remarkOf(tally);
    return { ...cost, sandboxCpuSeconds, calls, wrong, missing, doubled, ...(remark ? { remark } : {}) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function remarkOf({ wrongFields, example }: Tally): string {
  const fields = [...wrongFields].map(([name, count]) => `${name} ${count}`).join(', ');
  return fields && `wrong: ${fields}; ${example}`;
}

function told({ records, seconds, cpuSeconds, wrong, missing, doubled, remark, error }: Result): string {
  if (error !== undefined || seconds === undefined) return `FAILED: ${error}`;
  const rate = `${seconds.toFixed(1)} s, ${Math.round(records / seconds)}/s, CPU ${cpuSeconds?.toFixed(1)} s`;
  return `${rate}; ${wrong} wrong, ${missing} missing, ${doubled} double${remark ? `; ${remark}` : ''}`;
}

/** Ports for everything, of which nobody has any: those that a benchmark has otherwise may be another's on a shared machine. */
async function freePorts(): Promise<Parameters<typeof Everything.with>[2]> {
  for (;;) {
    const first = FIRST_PORT + Math.floor(Math.random() * PORT_BLOCKS) * PORTS_A_BLOCK;
    const block = Array.from({ length: PORTS_A_BLOCK }, (_, index) => first + index);
    if (!(await Promise.all(block.map(isFree))).every(Boolean)) continue;
    return {
      PORT: `${first}`,
      SYNC_POSTGRES_PORT: `${first + 1}`,
      SYNC_TEMPORAL_PORTS: `${first + 2},${first + 3}`,
      // each vendor's further instances take the ports after its own
      SYNC_SANDBOX_PORTS: `${first + 10},${first + 30},${first + 4}`,
      SYNC_SANDBOX_TLS_PORTS: `${first + 50},${first + 70}`,
    };
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen(port, '127.0.0.1', () => server.close(() => settle(true)));
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1); // a tool that was being measured ends too
});
