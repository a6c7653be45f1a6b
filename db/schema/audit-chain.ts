import { sql } from 'drizzle-orm';
import { bigint, boolean, check, customType, integer, pgTable, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns';

/** SHA-256 as hexadecimal text, kept as its bytes. */
const hash = customType<{ data: string; driverData: Buffer }>({
  dataType: () => 'bytea',
  fromDriver: (bytes) => bytes.toString('hex'),
  toDriver: (text) => Buffer.from(text, 'hex'),
});

/** The end of the audit's chain: one row, which each transaction that adds to the audit moves on as it commits. */
export const auditChain = pgTable(
  'audit_chain',
  {
    isOne: boolean('is_one').primaryKey().default(true),
    begunAt: instant('begun_at').notNull().default(sql`now()`),
    /** Entries that were there before the chain was: nothing tells whether they are as they were written. */
    earlierEntries: integer('earlier_entries').notNull(),
    /** Of the last entry; 0 before the first. */
    position: bigint('position', { mode: 'number' }).notNull(),
    hash: hash('hash').notNull(),
  },
  (table) => [check('audit_chain_is_one', sql`${table.isOne}`)],
);

/** The place of each entry of the audit in the chain; rows are only ever added, by the database itself. */
export const auditLinks = pgTable('audit_links', {
  /** From 1 on, without a gap. */
  position: bigint('position', { mode: 'number' }).primaryKey(),
  /** No foreign key: what was removed from the audit is missed. */
  auditId: uuid('audit_id').notNull().unique(),
  /** Of the hash before and the entry. */
  hash: hash('hash').notNull(),
});
