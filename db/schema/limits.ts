import { bigint, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import type { InstanceLimit } from '../../src/domain/instance-limit';
import type { SignIns } from '../../src/domain/sign-ins';
import { connections } from './definitions';

/** What the processes agree on of one instance's limits; `changeInstanceLimit` alone writes it. */
export const instanceLimits = pgTable('instance_limits', {
  /** Kind and identity, see `instanceOf`. */
  instance: text('instance').primaryKey(),
  /** Members that are missing are as in `FRESH_LIMIT`. */
  state: jsonb('state').$type<Partial<InstanceLimit>>().notNull(),
  /** Grows with each change. */
  version: bigint('version', { mode: 'number' }).notNull().default(0),
});

/** What the processes know of the sign-ins of a connection; `changeSignIns` alone writes it. */
export const connectionSignIns = pgTable('connection_sign_ins', {
  connectionId: uuid('connection_id')
    .primaryKey()
    .references(() => connections.connectionId, { onDelete: 'cascade' }),
  /** The settings that it is about; what was known of earlier ones is of no use. */
  settingsVersion: integer('settings_version').notNull(),
  /** Members that are missing are as in `NO_SIGN_INS`. */
  state: jsonb('state').$type<Partial<SignIns>>().notNull(),
  /** The running session for whoever needs one, encrypted as secrets are; null where there is none to share. */
  session: text('session'),
  version: bigint('version', { mode: 'number' }).notNull().default(0),
});
