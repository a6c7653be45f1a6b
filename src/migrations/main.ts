import { migrateDatabase, openDatabase } from '../../db/client';
import { innerCode } from '../domain/error-text';
import { createLogger } from '../logging';
import { readSettings, SettingsError } from '../settings';
import { whenThere } from '../worker/when-there';

/**
 * Brings the database to the newest schema, and ends: for those who do that before anything of a new release starts. The API and the worker do
 * the same at their start.
 */
async function main(): Promise<void> {
  const { databaseUrl, logLevel } = readSettings(process.env);
  if (!databaseUrl) throw new SettingsError(['DATABASE_URL: needed, since it tells which database']);
  const log = createLogger('migrations', logLevel);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const database = openDatabase(databaseUrl, { max: 2 });
  try {
    const today = new Date().toISOString().slice(0, 10);
    const waiting = { log, signal: stopping.signal, isWorthWaiting: isOutage };
    await whenThere('the database', () => migrateDatabase(database, today), waiting);
  } finally {
    await database.close();
  }
  log.info('the database has the newest schema');
}

/** What PostgreSQL refuses stays refused; but for no connection, no resources, and a server that starts or stops (SQLSTATE classes 08, 53, 57). */
const isOutage = (error: unknown): boolean => !/^(?!08|53|57)\d/.test(innerCode(error) ?? '');

main().catch((error: unknown) => {
  createLogger('migrations').fatal({ err: error }, 'the migrations could not run');
  process.exitCode = 1;
});
