import { randomBytes } from 'node:crypto';
import postgres, { type Sql } from 'postgres';
import { type DatabaseClient, migrateDatabase, openDatabase } from '../../db/client';
import { fromSetUp, SERVICE_VARIABLES } from './service-variables';

export interface TestDatabase {
  /** For `DATABASE_URL`. */
  url: string;
  /** Removes the database, whoever is still connected to it. */
  drop(): Promise<void>;
}

/** A database of the test's own on the shared PostgreSQL, with all migrations run: a copy of one template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = fromSetUp(SERVICE_VARIABLES.databaseTemplate);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(template, (sql) => sql`create database ${sql(name)} template ${sql(databaseOf(template))}`);
  return {
    url: withDatabase(template, name),
    drop: () => asAdmin(template, (sql) => sql`drop database ${sql(name)} with (force)`),
  };
}

/** Arranges the tests of the calling file: one database for all of them, and a pool of connections to it. */
export function useDatabase(): Omit<DatabaseClient, 'close'> {
  let database: TestDatabase;
  let client: DatabaseClient;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = openDatabase(database.url, { max: 4 });
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });
  return {
    get db() {
      return client.db;
    },
    get sql() {
      return client.sql;
    },
  };
}

/** Stores a sync that nothing is known of but its name. @returns its id */
export async function givenSync(sql: Sql): Promise<string> {
  const [sync] = await sql<{ sync_id: string }[]>`
    with s as (insert into syncs (name) values ('a sync') returning sync_id, version)
    insert into sync_versions (sync_id, version, definition, saved_by) select sync_id, version, '{}'::jsonb, 'test' from s returning sync_id`;
  return sync?.sync_id ?? '';
}

/**
 * Makes the template on a server that has just been started.
 * @returns its URL
 */
export async function makeTemplate(serverUrl: string): Promise<string> {
  const name = 'sync_template';
  await asAdmin(serverUrl, (sql) => sql`create database ${sql(name)}`);
  const url = withDatabase(serverUrl, name);
  const client = openDatabase(url, { max: 2 });
  try {
    await migrateDatabase(client, new Date().toISOString().slice(0, 10));
  } finally {
    await client.close();
  }
  return url;
}

async function asAdmin(url: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(withDatabase(url, 'postgres'), { max: 1, onnotice: () => undefined });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
