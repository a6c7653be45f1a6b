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
import { type ActivityDeps, pause, type Run, type Watch } from './run';

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

/**
 * Waits for its turn, and works in it.
 * @returns null when the phase is to stop before the turn has come
 */
export async function inTurn<Result>(
  { sql, log, now }: Pick<ActivityDeps, 'sql' | 'log' | 'now'>,
  { attempt, definition, execution, destination: connector, destinationObject }: Run,
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
