import { Router } from 'express';
import { isMigrated } from '../../db/queries/readiness';
import type { ApiDeps } from './deps';
import { rarely } from './rarely';

type Parts = Record<'database' | 'migrations' | 'temporal' | 'worker', boolean>;

/** However many ask, and nobody has to sign in for it, the parts are asked no more often than this. */
const ASK_EVERY_MS = 500;

/** `/healthz`: the process lives. `/readyz`: everything that it needs is there; 503 names what is missing. */
export function health(deps: ApiDeps): Router {
  const router = Router();
  const partsNow = rarely(ASK_EVERY_MS, async (): Promise<Parts> => {
    const [database, engine] = await Promise.all([databaseParts(deps), engineParts(deps)]);
    return { ...database, ...engine };
  });
  router.get('/healthz', (_request, response) => void response.json({ ok: true }));
  router.get('/readyz', async (_request, response) => {
    const parts = await partsNow();
    const missing = Object.entries(parts).flatMap(([name, isThere]) => (isThere ? [] : [name]));
    response.status(missing.length === 0 ? 200 : 503).json({ ok: missing.length === 0, ...parts, missing });
  });
  return router;
}

/** Whether the database answers, and has the newest schema. */
export async function databaseParts({ database, log }: ApiDeps): Promise<Pick<Parts, 'database' | 'migrations'>> {
  try {
    return { database: true, migrations: await isMigrated(database.db) };
  } catch (error) {
    log.warn({ err: error }, 'the database cannot be reached');
    return { database: false, migrations: false };
  }
}

/** Whether Temporal answers, and a worker polls it. */
export async function engineParts({ engine, log }: ApiDeps): Promise<Pick<Parts, 'temporal' | 'worker'>> {
  try {
    return await engine.readiness();
  } catch (error) {
    log.warn({ err: error }, 'Temporal cannot be asked');
    return { temporal: false, worker: false };
  }
}
