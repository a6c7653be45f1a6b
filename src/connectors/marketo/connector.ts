import type { MarketoSettings } from '../../domain/connection';
import type { ConnectionTest, Connector, Limits, Quota, RecordResult, WriteBatch } from '../connector';
import type { ConnectorDeps } from '../connector-deps';
import { MarketoClient } from './client';
import { deleteRecords } from './delete';
import { deletedPeople } from './deleted-people';
import { describeObject } from './describe';
import { examples } from './examples';
import { isOfProgram, kindOf, listObjects } from './objects';
import { findByKey } from './query';
import { Reader } from './read';
import { readingCosts, splitFilter } from './read-plan';
import { settle } from './settle';
import { traceOfOthers } from './trace-of-others';
import { BATCH_RECORDS, DEFAULT_TUNING, type MarketoTuning } from './tuning';
import { refusals, write } from './write';
import { memberRefusals, writeMembers } from './write-members';

/** A body takes 1 MB (Marketo developer guide, "API limits"); some of it goes to what surrounds the records. */
const BATCH_BYTES = 950_000;
/** Calls at once that the instance allows to all integrations (Marketo developer guide, "API limits"). */
const CALLS_AT_ONCE = 10;
/** Exports that run at a time (Marketo developer guide, "Bulk extract"). */
const EXPORTS_AT_ONCE = 2;
/** Calls in a second, over the window of 20, that the instance allows to all integrations (Marketo developer guide, "API limits"). */
const CALLS_PER_SECOND = 100 / 20;
/** A usual time for the answer to a call that writes 300 records. */
const CALL_SECONDS = 2;

/** While one call waits for its permit, another's results are being stored. */
function limitsOf({ quotaShare }: MarketoSettings): Limits {
  const atOnce = Math.ceil(CALLS_AT_ONCE * quotaShare) + 1;
  return {
    batchSize: () => BATCH_RECORDS,
    batchBytes: BATCH_BYTES,
    batchesAtOnce: atOnce,
    partsAtOnce: EXPORTS_AT_ONCE,
    lookupKeys: BATCH_RECORDS,
    lookupsAtOnce: atOnce,
    lookupCalls: 1,
    callsPerSecond: CALLS_PER_SECOND * quotaShare,
    costsOfBatch: () => ({ calls: 1, seconds: CALL_SECONDS }),
  };
}

/** Connects Sync to one Marketo instance. One connector holds one token, which all its calls share. */
export function createMarketoConnector(
  settings: MarketoSettings,
  deps: ConnectorDeps,
  tuning: MarketoTuning = DEFAULT_TUNING,
): Connector {
  const client = new MarketoClient(settings, deps, tuning);
  const reader = new Reader(client);
  return {
    limits: limitsOf(settings),
    test: (signal) => testConnection(client, signal),
    quota: (signal) => quotaOf(client, signal),
    identity: async (signal) => {
      signal.throwIfAborted();
      return identityOf(settings);
    },
    objects: (signal) => listObjects(client, signal),
    describe: (objectName, signal) => describeObject(client, objectName, signal),
    splitFilter,
    readingCosts: (request) => readingCosts(request, tuning),
    refusals: refusalsOf,
    count: async () => null,
    planRead: (request, signal) => reader.plan(request, signal),
    readPage: (request, cursor, signal) => reader.page(request, cursor, signal),
    examples: (request, count, signal) => examples(client, request, count, signal),
    deletedIds: (request, signal) => deletedPeople(client, request, signal),
    traceOfOthers,
    findByKey: (request, signal) => findByKey(client, request, signal),
    reusesIds: ({ name }) => isOfProgram(name),
    leavesBehind: () => false,
    clearAway: async (_object, _lost, _unclaimed, signal) => signal.throwIfAborted(),
    // synchronous calls have no identity before they are sent
    prepare: async (_batch, signal) => {
      signal.throwIfAborted();
      return null;
    },
    write: (batch, _handle, signal) => writerOf(batch)(client, batch, signal),
    settle: (batch, _handle, signal, claim) => settle(client, batch, signal, claim),
  };
}

const isOfMembers = ({ object }: WriteBatch): boolean => kindOf(object.name).programId !== undefined;

const writerOf = (batch: WriteBatch) =>
  batch.operation === 'delete' ? deleteRecords : isOfMembers(batch) ? writeMembers : write;

function refusalsOf(batch: WriteBatch): (RecordResult | null)[] {
  if (batch.operation === 'delete') return batch.records.map(() => null);
  return isOfMembers(batch) ? memberRefusals(batch) : refusals(batch);
}

const hostOf = ({ baseUrl }: Pick<MarketoSettings, 'baseUrl'>): string => new URL(baseUrl).host;

/** `123-ABC-456.mktorest.com` names the instance by its Munchkin id. */
export const identityOf = (settings: Pick<MarketoSettings, 'baseUrl'>): string =>
  hostOf(settings).replace(/\.mktorest\.com$/, '');

async function testConnection(client: MarketoClient, signal: AbortSignal): Promise<ConnectionTest> {
  client.beginAnew();
  return {
    identity: identityOf(client.settings),
    account: hostOf(client.settings),
    quota: await quotaOf(client, signal),
  };
}

async function quotaOf(client: MarketoClient, signal: AbortSignal): Promise<Quota> {
  const { total } = await client.usage(signal);
  return { used: total, limit: client.dailyCalls };
}
