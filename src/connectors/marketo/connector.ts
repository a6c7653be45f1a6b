import { z } from 'zod';
import type { MarketoSettings } from '../../domain/connection';
import type { ConnectionTest, Connector, Limits } from '../connector';
import type { ConnectorDeps } from '../connector-deps';
import { MarketoClient } from './client';
import { FILTER_VALUES } from './lead-filter';
import { describeObject, listObjects } from './objects';
import { findByKey } from './query';
import { planRead, readPage, splitFilter } from './read';
import { settle, write } from './write';

/** Calls of a day unless the contract says more (Marketo developer guide, "API limits"). */
const DAILY_CALLS = 50_000;
/** Records of a call, and bytes of its body with some room for what surrounds them. */
const BATCH_RECORDS = 300;
const BATCH_BYTES = 950_000;

const LIMITS: Limits = {
  batchSize: () => BATCH_RECORDS,
  batchBytes: BATCH_BYTES,
  batchesAtOnce: 5,
  // two exports run at a time
  partsAtOnce: 2,
  lookupKeys: FILTER_VALUES,
  lookupsAtOnce: 5,
};

const usageAnswer = z.object({ total: z.number() });

/** Connects Sync to one Marketo instance. One connector holds one token, which all its calls share. */
export function createMarketoConnector(settings: MarketoSettings, deps: ConnectorDeps): Connector {
  const client = new MarketoClient(settings, deps);
  return {
    limits: LIMITS,
    test: (signal) => testConnection(client, signal),
    objects: (signal) => listObjects(client, signal),
    describe: (objectName, signal) => describeObject(client, objectName, signal),
    splitFilter,
    planRead: (request, signal) => planRead(client, request, signal),
    readPage: (request, cursor, signal) => readPage(client, request, cursor, signal),
    findByKey: (request, signal) => findByKey(client, request, signal),
    // synchronous calls have no identity before they are sent
    prepare: async () => null,
    write: (batch, _handle, signal) => write(client, batch, signal),
    settle: (batch, _handle, signal) => settle(client, batch, signal),
  };
}

async function testConnection(client: MarketoClient, signal: AbortSignal): Promise<ConnectionTest> {
  client.tokens.forgetRefusal();
  const { result } = await client.call({ what: 'read the usage', path: '/rest/v1/stats/usage.json' }, signal);
  const [today] = z.array(usageAnswer).parse(result);
  const { host } = new URL(client.settings.baseUrl);
  return {
    // `123-ABC-456.mktorest.com` names the instance by its Munchkin id
    identity: host.replace(/\.mktorest\.com$/, ''),
    account: host,
    quota: { used: today?.total ?? 0, limit: client.settings.dailyQuota ?? DAILY_CALLS },
  };
}
