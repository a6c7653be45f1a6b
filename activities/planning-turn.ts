import type postgres from 'postgres';
import { destinationOf, giveUpLease, keysInFlight, returnLease, takeLease } from '../db/queries/planning-leases';
import { type ActivityDeps, pause, type Run, type Watch } from './run';

const TURN_POLL_MS = 200;
const RENEW_EVERY_MS = 10_000;

/** While it lasts, no other execution looks up keys in this object of the destination, nor plans what follows. */
export interface Turn {
  /** Keys that other executions are creating at this moment: whether they are there cannot be known yet. */
  busyKeys: ReadonlySet<string>;
  /** Ends the turn within the transaction that stores what was planned. @throws Error when it has ended by itself meanwhile */
  end(tx: postgres.TransactionSql): Promise<void>;
}

/**
 * Waits for its turn, and works in it.
 * @returns null when the phase is to stop before the turn has come
 */
export async function inTurn<Result>(
  { sql, log }: Pick<ActivityDeps, 'sql' | 'log'>,
  { attempt, definition }: Run,
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
    return await work({
      busyKeys: await keysInFlight(sql, attempt, destination),
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
