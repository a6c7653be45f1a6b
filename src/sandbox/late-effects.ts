import type { IncomingHttpHeaders } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Clock } from './core';
import type { InternalDoor, InternalRequest } from './internal-door';

/** Requests whose connection was cut and whose effect is still to come. They outlive a restart. */
export interface LateEffects {
  add(request: InternalRequest, afterMs: number): void;
  /** How many are still to come. */
  pending(): number;
  /** Resolves when every effect that is due has taken place. */
  settled(): Promise<void>;
  stop(): void;
}

interface LateRow {
  id: number;
  due_at: number;
  method: string;
  url: string;
  headers: string;
  body: Buffer;
}

export function createLateEffects(
  database: Database,
  clock: Clock,
  door: InternalDoor,
  onError: (error: unknown) => void,
): LateEffects {
  database.exec(`create table if not exists core_late_effects (
    id integer primary key, due_at integer not null, method text not null, url text not null, headers text not null, body blob not null)`);
  const insert = database.prepare(
    'insert into core_late_effects (due_at, method, url, headers, body) values (?, ?, ?, ?, ?)',
  );
  const remove = database.prepare('delete from core_late_effects where id = ?');
  const isDue = database.prepare('select 1 from core_late_effects where due_at <= ?').pluck();
  const count = database.prepare('select count(*) from core_late_effects').pluck();
  const cancels = new Set<() => void>();
  const running = new Set<Promise<void>>();
  let isStopped = false;

  const takeEffect = async (id: number, request: InternalRequest): Promise<void> => {
    remove.run(id); // first: an effect may be lost by a kill at this moment, but must never come twice
    try {
      const answer = await door.send(request);
      for await (const _chunk of answer); // nobody waits for it
    } catch (error) {
      onError(error);
    }
  };
  const schedule = (id: number, dueAt: number, request: InternalRequest): void => {
    const cancel = clock.at(dueAt, () => {
      cancels.delete(cancel);
      const effect = takeEffect(id, request).finally(() => running.delete(effect));
      running.add(effect);
    });
    cancels.add(cancel);
  };
  for (const row of database.prepare('select * from core_late_effects').all() as LateRow[]) {
    const headers = JSON.parse(row.headers) as IncomingHttpHeaders; // written below
    schedule(row.id, row.due_at, { method: row.method, url: row.url, headers, body: row.body });
  }

  return {
    add(request, afterMs) {
      const dueAt = clock.now() + afterMs;
      const { lastInsertRowid } = insert.run(
        dueAt,
        request.method,
        request.url,
        JSON.stringify(request.headers),
        request.body,
      );
      schedule(Number(lastInsertRowid), dueAt, request);
    },
    pending: () => count.get() as number,
    async settled() {
      // what is due begins with the clock's next look, which may be still to come
      while (!isStopped && (running.size > 0 || isDue.get(clock.now()) !== undefined)) {
        await (running.size > 0 ? Promise.all(running) : nextTurn());
      }
    },
    stop() {
      isStopped = true;
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
