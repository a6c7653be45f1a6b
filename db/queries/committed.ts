import type postgres from 'postgres';
import type { Counts, ExecutionState } from '../../src/domain/outcome';
import type { Sql } from './executions';

/** What a transaction did to a run (never to a preview), or for a webhook, for those who count. */
export interface Committed extends Partial<Counts> {
  batchesSent?: number;
  batchesSettled?: number;
  ended?: ExecutionState;
  /** An event was sent to a webhook. */
  webhookAttempt?: 'taken' | 'failed';
  /** It is not sent again. */
  webhookGivenUp?: boolean;
}

type Sink = (done: Committed) => void;

const sinks = new WeakMap<object, Sink>();

/** Tells what a statement has done to whoever watches this client; within a transaction it is told once that is committed. */
export const noteDone = (sql: Sql, done: Committed): void => sinks.get(sql)?.(done);

/** The same client, which tells what has been committed through it. What was rolled back is not told. */
export function watchCommits(sql: postgres.Sql, onCommitted: Sink): postgres.Sql {
  const watched = new Proxy(sql, {
    get(target, name) {
      if (name === 'begin') return (work: Work) => transaction(target, work, onCommitted);
      return Reflect.get(target, name) as unknown;
    },
  });
  sinks.set(watched, onCommitted);
  return watched;
}

type Work = (tx: postgres.TransactionSql) => Promise<unknown>;

async function transaction(sql: postgres.Sql, work: Work, onCommitted: Sink): Promise<unknown> {
  const done: Committed[] = [];
  const result = await sql.begin((tx) => {
    sinks.set(tx, (one) => done.push(one));
    return work(tx);
  });
  for (const one of done) onCommitted(one);
  return result;
}
