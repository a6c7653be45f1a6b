import { sql } from 'drizzle-orm';
import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns';
import { apiKeys } from './definitions';

/** The key that somebody signed in with: one of the table, or the one of the settings, known by its hash. */
const signedInWith = {
  apiKeyId: uuid('api_key_id').references(() => apiKeys.apiKeyId, { onDelete: 'cascade' }),
  settingsKeyHash: text('settings_key_hash'),
};

/** Browsers in which somebody is signed in. A session is as good as its key: it may do as much, and ends with it. */
export const sessions = pgTable(
  'sessions',
  {
    sessionId: uuid('session_id').primaryKey().default(sql`gen_random_uuid()`),
    /** SHA-256 of what the cookie holds, hexadecimal. */
    tokenHash: text('token_hash').notNull().unique(),
    ...signedInWith,
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
  },
  (table) => [index('sessions_by_last_use').on(table.lastUsedAt)],
);

/** Links that open a session; each is deleted when it is followed. */
export const signInLinks = pgTable('sign_in_links', {
  /** SHA-256 of the token in the link, hexadecimal. */
  tokenHash: text('token_hash').primaryKey(),
  ...signedInWith,
  expiresAt: instant('expires_at').notNull(),
});

/** Consents to use a Salesforce organisation that people have been sent to give; each is deleted when they come back. */
export const salesforceConsents = pgTable('salesforce_consents', {
  /** SHA-256 of the state that comes back, hexadecimal. */
  stateHash: text('state_hash').primaryKey(),
  /** The caller, and the browser's session, that have begun it: nobody else may end it. */
  begunBy: text('begun_by').notNull(),
  /** What the connection is to be, with its secrets, encrypted. */
  sealed: text('sealed').notNull(),
  expiresAt: instant('expires_at').notNull(),
});
