import { setTimeout } from 'node:timers/promises';
import type { ExecutionAnswer } from '../api/schemas/executions';
import { syncAnswer, wishPage } from '../api/schemas/syncs';
import { LIVE_STATUSES } from '../domain/sync-status';
import { type ApiClient, isPassing, Refusal } from './api-client';
import type { Sync } from './find';
import { printable } from './print';
import { CliError, EXIT } from './world';

/** How patiently somebody waits for an execution to begin. */
export interface Waiting {
  /** What is to begin mostly begins within seconds. */
  firstPauseMs: number;
  /** How often a wait of hours or months is looked at. */
  longestPauseMs: number;
  /** So many looks one after the other may find nobody: a server that starts again is away for some seconds. */
  mostFailures: number;
}
const WAITING: Waiting = { firstPauseMs: 250, longestPauseMs: 30_000, mostFailures: 60 };
/** Each pause is so much longer than the one before. */
const GROWTH = 1.25;
/** A run so near is waited for without a word. */
const SOON_MS = 5_000;
/** How often is looked at most seldom where the run is due, or was asked for. */
const DUE_PAUSE_MS = 2_000;
const CONFLICT = 409;

/**
 * Waits until a sync has begun an execution, and tells when that will be.
 * @param wait.after the number of the last one before
 * @param wait.isAsked a run was asked for: it begins whenever the schedule says
 * @param wait.tell gets a line for people, once for each time that the next run is said to begin at
 * @throws CliError where none will begin as things stand
 */
export async function nextExecution(
  client: ApiClient,
  { id }: Pick<Sync, 'id'>,
  wait: { after: number; isAsked: boolean; tell(line: string): void },
  { firstPauseMs, longestPauseMs, mostFailures }: Waiting = WAITING,
): Promise<ExecutionAnswer> {
  let told: string | null = null;
  let failures = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * GROWTH, longestPauseMs)) {
    const sync = await look(client, id, wait.isAsked, failures < mostFailures);
    failures = sync === null ? failures + 1 : 0;
    if (sync?.lastExecution && sync.lastExecution.number > wait.after) return sync.lastExecution;
    if (sync) demandToCome(sync);
    const line = sync && whenText(sync, wait.isAsked);
    if (line !== null && line !== told) wait.tell(line);
    told = line ?? told;
    const mostMs = line === null ? Math.min(DUE_PAUSE_MS, longestPauseMs) : longestPauseMs;
    await setTimeout(Math.min(pauseMs, mostMs, msUntil(sync?.nextRunAt ?? null) ?? mostMs));
  }
}

/** The sync as it is now; null where the server is away for a moment. @throws CliError where the run that was asked for is refused */
async function look(client: ApiClient, syncId: string, isAsked: boolean, isPatient: boolean): Promise<Sync | null> {
  try {
    const wishes = isAsked ? (await client.get(`/syncs/${syncId}/wishes`, wishPage)).items : [];
    const run = wishes.find(({ kind }) => kind === 'runNow');
    if (run?.state === 'refused') throw new Refusal(CONFLICT, `The run was refused: ${run.why}`, []);
    return await client.get(`/syncs/${syncId}`, syncAnswer);
  } catch (error) {
    if (isPatient && isPassing(error)) return null;
    throw error;
  }
}

/** Null for what is no time to come. */
const msUntil = (at: string | null): number | null => {
  const ms = at === null ? 0 : Date.parse(at) - Date.now();
  return ms > 0 ? ms : null;
};

/** @throws CliError where a person has to do something first, or the sync is over */
function demandToCome({ name, status, problem }: Sync): void {
  if (status === 'active') return;
  const shown = printable(name);
  if (!LIVE_STATUSES.includes(status)) {
    throw new CliError(`${shown} is ${status}, and no execution has begun. Activate it to run it.`, EXIT.problem);
  }
  const why =
    status === 'paused' ? 'is paused' : `waits for a person${problem === null ? '' : ` (${printable(problem)})`}`;
  throw new CliError(`${shown} ${why}: it runs when it is resumed.`, EXIT.problem);
}

/** What a wait is for; null where it is over in a moment. */
function whenText({ name, nextRunAt, overdueSince }: Sync, isAsked: boolean): string | null {
  if (isAsked) return null;
  const shown = printable(name);
  if (overdueSince !== null) return `${shown} should have run at ${overdueSince}: no worker runs, or Temporal is away.`;
  if ((msUntil(nextRunAt) ?? 0) < SOON_MS) return null;
  return `${shown} runs at ${nextRunAt}. This waits until then; Ctrl+C ends the wait alone.`;
}
