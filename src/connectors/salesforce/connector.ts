import { z } from 'zod';
import type { SalesforceSettings } from '../../domain/connection';
import type { ConnectionTest, Connector } from '../connector';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { SalesforceClient } from './client';
import { deletedIds } from './deleted';
import { describeObject, listObjects } from './describe';
import { findByKey } from './lookup';
import { abortLostJobs } from './lost-jobs';
import { count, examples, planRead, readingCosts, readPage } from './read';
import type { Session } from './sign-in';
import { splitFilter } from './soql';
import { traceOfOthers } from './trace-of-others';
import { DEFAULT_TUNING, type SalesforceTuning } from './tuning';
import { goesByJob, limitsOf, refusals, Writer } from './write';

const orgLimits = z.object({ DailyApiRequests: z.object({ Max: z.number(), Remaining: z.number() }) });
const identity = z.object({ username: z.string(), display_name: z.string().optional() });

/** Connects Sync to one Salesforce organisation. One connector holds one session, which all its calls share. */
export function createSalesforceConnector(
  settings: SalesforceSettings,
  deps: ConnectorDeps,
  tuning: SalesforceTuning = DEFAULT_TUNING,
): Connector {
  const client = new SalesforceClient(settings, deps, tuning);
  const writer = new Writer(client, tuning);
  return {
    limits: limitsOf(tuning),
    test: (signal) => testConnection(client, signal),
    quota: (signal) => quotaOf(client, signal),
    identity: (signal) => client.organizationId(signal),
    objects: (signal) => listObjects(client, signal),
    describe: (objectName, signal) => describeObject(client, objectName, signal),
    splitFilter,
    readingCosts: (_request, records) => readingCosts(tuning, records),
    refusals,
    planRead: async (request, signal) => {
      signal.throwIfAborted();
      return planRead(request);
    },
    readPage: (request, cursor, signal) => readPage(client, tuning, request, cursor, signal),
    count: (request, signal) => count(client, request, signal),
    examples: (request, most, signal) => examples(client, request, most, signal),
    deletedIds: (request, signal) => deletedIds(client, request, signal),
    traceOfOthers,
    findByKey: (request, signal) => findByKey(client, request, { signal }),
    reusesIds: () => false,
    leavesBehind: goesByJob,
    clearAway: (object, lost, unclaimed, signal) => abortLostJobs(client, { object, lost, unclaimed }, signal),
    prepare: (batch, signal) => writer.prepare(batch, signal),
    write: (batch, handle, signal) => writer.write(batch, handle, signal),
    settle: (batch, handle, signal) => writer.settle(batch, handle, signal),
  };
}

async function testConnection(client: SalesforceClient, signal: AbortSignal): Promise<ConnectionTest> {
  const session = await client.signInAnew(signal);
  const quota = await quotaOf(client, signal);
  return { identity: session.organizationId, account: await accountOf(client, session, signal), quota };
}

/** The limits need a permission of their own; without it, the header of the refusal tells the calls all the same. */
async function quotaOf(client: SalesforceClient, signal: AbortSignal): Promise<ConnectionTest['quota']> {
  try {
    const path = `${client.versionPath}/limits`;
    const { DailyApiRequests: daily } = await client.json({ method: 'GET', path }, orgLimits, {
      signal,
      pastQuota: true,
    });
    return { used: daily.Max - daily.Remaining, limit: daily.Max };
  } catch (error) {
    if (!(error instanceof ConnectorError) || !MISSING_PERMISSION.has(error.code)) throw error;
    return { used: client.apiUsage?.used ?? null, limit: client.apiUsage?.limit ?? null };
  }
}

const MISSING_PERMISSION = new Set(['INSUFFICIENT_ACCESS', 'INSUFFICIENT_ACCESS_OR_READONLY', 'FORBIDDEN', 'HTTP_403']);

/** User and organisation, as the identity service names them; by their Ids where it does not answer. */
async function accountOf(client: SalesforceClient, session: Session, signal: AbortSignal): Promise<string> {
  const organization = new URL(session.instanceUrl).host;
  const byId = `${session.userId} at ${organization}`;
  if (session.identityUrl === null) return byId;
  try {
    const { username } = await client.json({ method: 'GET', path: session.identityUrl }, identity, {
      signal,
      pastQuota: true,
    });
    return `${username} at ${organization}`;
  } catch (error) {
    if (error instanceof ConnectorError) return byId;
    throw error;
  }
}
