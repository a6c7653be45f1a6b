import type { ApiUsage } from './api-usage';
import { createDailyQuotas, type DailyQuotas } from './bulk/daily-quotas';
import { describeObject, objectSummary } from './describe';
import type { Route } from './dispatcher';
import { type Answer, type Call, json } from './http-call';
import type { Org } from './org';
import type { RecordAccess } from './record-access';
import type { SetupRecords } from './setup-records';

const RESOURCES = ['sobjects', 'query', 'queryAll', 'limits', 'composite', 'jobs'];
/** "sObject collections" take so many records. */
const MAX_BATCH_SIZE = 200;
const STORAGE_MB = 5_000;

/** What the org has: resources, objects, fields, limits (REST guide, "Describe Global", "sObject Describe", "Limits"). */
export function metadataRoutes(access: RecordAccess, usage: ApiUsage, setup: SetupRecords): Route[] {
  const { org } = access;
  const quotas = createDailyQuotas(org);
  return [
    { pattern: '', methods: { GET: (call) => json(resources(call, setup)) } },
    { pattern: 'limits', methods: { GET: () => json(limits(org, usage, quotas)) } },
    { pattern: 'limits/recordCount', methods: { GET: (call) => json({ sObjects: recordCounts(org, call) }) } },
    { pattern: 'sobjects', methods: { GET: (call) => unlessUnchanged(org, call, () => globalDescribe(org, call)) } },
    {
      pattern: 'sobjects/:object',
      methods: {
        GET: (call, { object = '' }) =>
          json({ objectDescribe: objectSummary(access.object(object), call.versionPath), recentItems: [] }),
      },
    },
    {
      pattern: 'sobjects/:object/describe',
      methods: {
        GET: (call, { object = '' }) => {
          const known = access.object(object);
          return unlessUnchanged(org, call, () => describeObject(org, known, call.versionPath));
        },
      },
    },
  ];
}

function resources({ versionPath, baseUrl }: Call, { organizationId, userId }: SetupRecords): Record<string, string> {
  const paths = Object.fromEntries(RESOURCES.map((name) => [name, `${versionPath}/${name}`]));
  return { ...paths, identity: `${baseUrl}/id/${organizationId}/${userId}` };
}

function globalDescribe(org: Org, { versionPath }: Call): unknown {
  const sobjects = org.schema.visible().map((object) => objectSummary(object, versionPath));
  return { encoding: 'UTF-8', maxBatchSize: MAX_BATCH_SIZE, sobjects };
}

/** 304 for who has the description already (REST guide, "Conditional Request Headers"). */
function unlessUnchanged(org: Org, { headers, versionPath }: Call, describe: () => unknown): Answer {
  const version = versionPath.slice(versionPath.lastIndexOf('/') + 1);
  const tag = `"${version}-${(org.schemaChangedAt / 1_000).toString(16)}"`;
  const common = { 'Last-Modified': new Date(org.schemaChangedAt).toUTCString(), ETag: tag };
  // who gives a tag is judged by it alone (RFC 9110, 13.1.3)
  const known = headers['if-none-match'];
  const isUnchanged =
    known === undefined
      ? Date.parse(headers['if-modified-since'] ?? '') >= org.schemaChangedAt
      : known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag || one.trim() === '*');
  return isUnchanged ? { status: 304, headers: common } : { ...json(describe()), headers: common };
}

function limits(org: Org, usage: ApiUsage, quotas: DailyQuotas): Record<string, { Max: number; Remaining: number }> {
  const { dailyApiRequests } = org.settings;
  const whole = (most: number) => ({ Max: most, Remaining: most });
  return {
    DailyApiRequests: { Max: dailyApiRequests, Remaining: Math.max(0, dailyApiRequests - usage.used()) },
    ...quotas.shown(),
    DailyBulkV2QueryFileStorageMB: whole(976_562),
    DataStorageMB: whole(STORAGE_MB),
    FileStorageMB: whole(STORAGE_MB),
  };
}

function recordCounts(org: Org, { query }: Call): { name: string; count: number }[] {
  const wanted = query.get('sObjects')?.split(',');
  const objects = wanted ? wanted.flatMap((name) => org.schema.object(name.trim()) ?? []) : org.schema.visible();
  return objects.map((object) => ({ count: org.table(object).count(), name: object.name }));
}
