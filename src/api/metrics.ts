import { setTimeout as sleep } from 'node:timers/promises';
import { Router } from 'express';
import type { Registry } from 'prom-client';
import { type Figures, readFigures } from '../../db/queries/figures';
import { DatabaseMetrics, type Readings } from '../metrics/database-metrics';
import { hostCheck, isLoopback } from '../security/known-hosts';
import type { ApiDeps, RouteDeps } from './deps';
import { databaseParts, engineParts } from './health';
import { rarely } from './rarely';
import { callerOf } from './sign-in';

/** However often it is asked, the database is read no more often than this. */
const READ_EVERY_MS = 5_000;
/** Whoever collects metrics gives up after ten seconds, and would learn nothing at all. */
const PATIENCE_MS = 5_000;

/**
 * `/metrics`, for Prometheus. On one machine (where the API listens on loopback and is known by no other name) it needs no key, and a foreign `Host`
 * is refused; elsewhere it needs an API key of any role. Numbers alone are in it, and the names of connections.
 */
export function metrics(deps: RouteDeps, registry: Registry): Router {
  const router = Router();
  const gauges = new DatabaseMetrics(registry);
  const readings = rarely(READ_EVERY_MS, () => read(deps));
  const isKnownHost = hostCheck(deps.settings);
  const isOpen = isForThisMachineAlone(deps.settings);
  router.get('/metrics', async (request, response) => {
    if (!isOpen || !isKnownHost(request.headers.host)) await callerOf(request, deps);
    gauges.set(await readings());
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Type', registry.contentType);
    response.send(await registry.metrics());
  });
  return router;
}

/** A proxy in front of the API brings a public address with it, and calls from loopback on behalf of everybody. */
const isForThisMachineAlone = ({ host, publicUrl }: ApiDeps['settings']): boolean =>
  [host, new URL(publicUrl).hostname].every(isLoopback);

async function read(deps: ApiDeps): Promise<Readings> {
  const now = deps.now();
  const [ofDatabase, ofEngine, figures] = await Promise.all([
    inTime(databaseParts(deps)),
    engineParts(deps),
    inTime(figuresOf(deps, now)),
  ]);
  return { parts: { ...(ofDatabase ?? { database: false, migrations: false }), ...ofEngine }, figures, now };
}

async function figuresOf({ database, log }: ApiDeps, now: string): Promise<Figures | null> {
  try {
    return await readFigures(database.sql, now);
  } catch (error) {
    log.warn({ err: error }, 'the figures of the database cannot be read');
    return null;
  }
}

/** @returns null when it takes too long */
async function inTime<Result>(asked: Promise<Result>): Promise<Result | null> {
  const over = new AbortController();
  const late = sleep(PATIENCE_MS, null, { signal: over.signal, ref: false }).catch(() => null);
  return Promise.race([asked, late]).finally(() => over.abort());
}
