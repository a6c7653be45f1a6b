import { createHash, randomBytes } from 'node:crypto';
import type { InstanceCore } from '../core';

/** The session time-out of an organisation, unless set otherwise; a session that is used begins anew. */
const SESSION_MS = 2 * 3_600_000;

/** Access tokens of one organisation; kept in its state, so that a restart ends none. */
export interface Sessions {
  /** 18 characters. */
  readonly organizationId: string;
  readonly userId: string;
  open(by: string): string;
  /** Who a token belongs to, and begins its time anew; null for one that is unknown or has ended. */
  use(token: string): string | null;
  endAll(): void;
}

/** Twelve digits that tell one organisation's Ids from another's. */
const digitsOf = (name: string): string =>
  BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 16)}`)
    .toString()
    .slice(-12)
    .padStart(12, '0');

export function createSessions({ database, clock, name }: InstanceCore): Sessions {
  database.exec(
    `create table if not exists sessions (token text primary key, by text not null, ends_at integer not null)`,
  );
  const insert = database.prepare('insert into sessions (token, by, ends_at) values (?, ?, ?)');
  const touch = database.prepare('update sessions set ends_at = ? where token = ? and ends_at > ? returning by');
  const clear = database.prepare('delete from sessions');
  const organization15 = `00D${digitsOf(name)}`;
  return {
    // with digits alone behind the prefix, the letter D is what the suffix tells
    organizationId: `${organization15}EAA`,
    userId: `005${digitsOf(`user of ${name}`)}AAA`,
    open(by) {
      const token = `${organization15}!${randomBytes(36).toString('base64url')}`;
      insert.run(token, by, clock.now() + SESSION_MS);
      return token;
    },
    use(token) {
      const now = clock.now();
      const row = touch.get(now + SESSION_MS, token, now) as { by: string } | undefined;
      return row?.by ?? null;
    },
    endAll() {
      clear.run();
    },
  };
}
