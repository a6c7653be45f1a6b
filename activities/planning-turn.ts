import type postgres from 'postgres';
import {
  destinationOf,
  giveUpLease,
  type InFlight,
  later,
  recordsInFlight,
  returnLease,
  type Told,
  takeLease,
  tellingOf,
  tellingOfId,
} from '../db/queries/planning-leases';
import { waitingText } from '../src/domain/late-effects';
import { type ActivityDeps, pause, type Run, type Watch } from './run';

/** A plan that was not carried out for so long is made anew. */
export const PLAN_HOLDS_MS = 5 * 60_000;
/** Records that others are at work on are looked at again after so long, and so often before the workflow sleeps. */
export const BUSY_POLL_MS = 1_000;
export const BUSY_POLLS = 60;
const BUSY_SLEEP_MS = 5 * 60_000;
/** A paused execution may stay so for weeks. */
const PAUSED_SLEEP_MS = 30 * 60_000;

/** Whether it is worth to look again and again, since it depends on an execution that is at work. */
export const endsSoon = ({ until, isPaused }: InFlight): boolean => until === null && !isPaused;

/** Until when the phase sleeps that waits for something (ISO 8601 UTC), and what people are told of that. @param at present time */
export function sleepOver(
  { until, syncName, isPaused }: InFlight,
  at: string,
): { askAgainAt: string; waitsFor: string } {
  const sleepMs = isPaused ? PAUSED_SLEEP_MS : BUSY_SLEEP_MS;
  return {
    askAgainAt: until ?? new Date(Date.parse(at) + sleepMs).toISOString(),
    waitsFor: waitingText(syncName, until !== null, isPaused),
  };
}

const TURN_POLL_MS = 200;
const RENEW_EVERY_MS = 10_000;

/** Records that nothing can be decided about yet, since something is on its way to them. */
export interface Busy<Row = unknown> {
  rows: Row[];
  /** What ends last of it; null where there are none. */
  why: InFlight | null;
}

/** While it lasts, no other execution looks up keys in this object of the destination, nor plans what follows. */
export interface Turn {
  /** Those of some records that are busy. @param idsOf Ids of what they were found to be in the destination, once that is known */
  busyOf<Row extends Told>(rows: readonly Row[], idsOf?: (row: Row) => readonly string[]): Busy<Row>;
  /** Ends the turn within the transaction that stores what was planned. @throws Error when it has ended by itself meanwhile */
  end(tx: postgres.TransactionSql): Promise<void>;
}

/** What plans in turn: a run or an undo. */
type Planner = Pick<Run, 'attempt' | 'definition' | 'execution' | 'destination' | 'destinationObject'>;

/** The turns of one attempt. A lease is the execution's: of its own turns, too, there is one at a time. */
export class Turns {
  /** Ends with the last turn that was asked for. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly deps: Pick<ActivityDeps, 'sql' | 'log' | 'now'>,
    private readonly planner: Planner,
    private readonly watch: Watch,
  ) {}

  /**
   * Waits for a turn, and works in it.
   * @returns null when the phase is to stop before the turn has come
   */
  take<Result>(work: (turn: Turn) => Promise<Result>): Promise<Result | null> {
    const turn = this.last.then(() => inTurn(this.deps, this.planner, this.watch, work));
    this.last = turn.catch(() => undefined); // whoever asked for it is told
    return turn;
  }
}

async function inTurn<Result>(
  { sql, log, now }: Pick<ActivityDeps, 'sql' | 'log' | 'now'>,
  { attempt, definition, execution, destination: connector, destinationObject }: Planner,
  watch: Watch,
  work: (turn: Turn) => Promise<Result>,
): Promise<Result | null> {
  const { connectionId, object } = definition.destination;
  const destination = await destinationOf(sql, connectionId, object);
  while (!(await takeLease(sql, attempt, destination))) {
    // a stop is noticed by the caller
    await pause(TURN_POLL_MS, watch.readSignal).catch(() => undefined);
    if (watch.shouldStop()) return null;
  }
  const renewing = setInterval(() => {
    takeLease(sql, attempt, destination).catch((error: unknown) => {
      // whether it was lost is found out at its end
      log.warn({ err: error }, 'a planning lease could not be renewed');
    });
  }, RENEW_EVERY_MS);
  let hasEnded = false;
  try {
    const reusesIds = connector.reusesIds(destinationObject);
    const inFlight = await recordsInFlight(sql, execution, destination, { reusesIds, at: now() });
    return await work({
      busyOf(rows, idsOf = () => []) {
        const tellings = (row: (typeof rows)[number]) => [tellingOf(row), ...idsOf(row).map(tellingOfId)];
        const busy = rows.filter((row) => tellings(row).some((telling) => inFlight.has(telling)));
        const whys = busy.flatMap(tellings).flatMap((telling) => inFlight.get(telling) ?? []);
        return { rows: busy, why: whys.length === 0 ? null : whys.reduce(later) };
      },
      async end(tx) {
        clearInterval(renewing);
        await returnLease(tx, attempt, destination);
        hasEnded = true;
      },
    });
  } finally {
    clearInterval(renewing);
    if (!hasEnded) await giveUpLease(sql, attempt, destination);
  }
}
