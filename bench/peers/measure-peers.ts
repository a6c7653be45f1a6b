import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { loadText } from '../cpu';
import { Diary } from '../diary';
import { Everything } from '../everything';
import { freePorts } from '../free-ports';
import { unlessStopped } from '../stopping';
import { type Result, resultSchema } from './diary';
import { Ours } from './ours';
import { type Context, RUNNERS, type Runner } from './runners';
import type { Tally } from './seed';
import { Vendors } from './vendors';

/** The runners of these names, all where there are none. @throws Error for a name that nobody has */
export function runnersNamed(names: readonly string[] | undefined): readonly Runner[] {
  const unknown = names?.filter((name) => !RUNNERS.some((runner) => runner.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`There is no ${unknown.join(', ')}. There are: ${RUNNERS.map(({ name }) => name).join(', ')}`);
  return RUNNERS.filter(({ name }) => !names || names.includes(name));
}

/** What peers have come to so far. */
export const peersDiary = (): Diary<Result> => new Diary(resolve('.sync', 'bench-peers.jsonl'), resultSchema);

/** Runs what the diary does not have yet: the runners by turns, in each of these runs. */
export async function measurePeers(
  records: number,
  runs: readonly number[],
  runners: readonly Runner[],
  diary: Diary<Result>,
  stopped: AbortSignal,
): Promise<void> {
  const due = runs
    .flatMap((run) => runners.map((runner) => ({ run, runner })))
    .filter(({ run, runner: { name } }) => !diary.has({ records, run, name }));
  if (due.length === 0) return;
  const work = (everything: Everything) => unlessStopped(measureAll(everything, records, due, diary, stopped), stopped);
  await Everything.with(0, work, await freePorts());
}

async function measureAll(
  everything: Everything,
  records: number,
  due: readonly { run: number; runner: Runner }[],
  diary: Diary<Result>,
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
