import { sql } from 'drizzle-orm';
import { Router } from 'express';
import { isMigrated } from '../../db/queries/executions-read';
import type { ApiDeps } from './deps';

/** `/healthz`: the process lives. `/readyz`: everything that it needs is there; 503 names what is missing. */
export function health(deps: ApiDeps): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => void response.json({ ok: true }));
  router.get('/readyz', async (_request, response) => {
    const parts = { ...(await databaseParts(deps)), ...(await deps.engine.readiness()) };
    const missing = Object.entries(parts).flatMap(([name, ok]) => (ok ? [] : [name]));
    response.status(missing.length === 0 ? 200 : 503).json({ ok: missing.length === 0, ...parts, missing });
  });
  return router;
}

async function databaseParts({ database, log }: ApiDeps): Promise<{ database: boolean; migrations: boolean }> {
  try {
    await database.db.execute(sql`select 1`);
    return { database: true, migrations: await isMigrated(database.db) };
  } catch (error) {
    log.warn({ err: error }, 'the database cannot be reached');
    return { database: false, migrations: false };
  }
}
