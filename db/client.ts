import { connect } from 'node:net';
import { join } from 'node:path';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import * as definitions from './schema/definitions';
import * as executions from './schema/executions';

const schema = { ...definitions, ...executions };

/** Drizzle over the schema; also a transaction of it. */
export type Database = PostgresJsDatabase<typeof schema>;

export interface DatabaseClient {
  db: Database;
  /** The driver itself, for what Drizzle does not offer: `COPY`. */
  sql: postgres.Sql;
  close(): Promise<void>;
}

/** Without `noDelay`, each `COPY` in a transaction of its own stalls for about 40 ms over TCP, and the driver does not set it. */
const openSocket = ({ host, port, path }: { host: string[]; port: number[]; path?: string }) => {
  const socket = path ? connect(path) : connect({ host: host[0] ?? 'localhost', port: port[0] ?? 5432 });
  return socket.setNoDelay(true);
};

/**
 * Opens a pool of connections.
 * @param options.max most connections at once (default 10)
 * @throws nothing by itself; the first query fails when the server cannot be reached
 */
export function openDatabase(url: string, options: { max?: number } = {}): DatabaseClient {
  const sql = postgres(url, {
    max: options.max ?? 10,
    // the type of the driver's options lacks the socket factory that it documents
    ...({ socket: openSocket } as object),
    connection: { application_name: 'sync', timezone: 'UTC' },
    onnotice: () => undefined,
  });
  return { db: drizzle(sql, { schema }), sql, close: () => sql.end({ timeout: 5 }) };
}

/** Brings the database to the newest schema and makes the partitions of the coming days. Safe to run from several processes at once. */
export async function migrateDatabase(client: DatabaseClient, today: string): Promise<void> {
  await client.sql.begin(async (lock) => {
    await lock`select pg_advisory_xact_lock(hashtext('sync_migrations'))`;
    await migrate(client.db, { migrationsFolder: join(__dirname, 'migrations') });
    await lock`select create_day_partitions(${today}::date - 1, ${today}::date + 7)`;
  });
}
