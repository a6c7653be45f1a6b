import { z } from 'zod';
import type { InstanceCore } from '../core';
import { ApiError, RecordRefusal } from './api-error';
import {
  type Call,
  checkBatch,
  type Envelope,
  inputSchema,
  integerOf,
  isRecord,
  jsonBody,
  type Route,
  readShape,
  requiredParameter,
} from './call';
import { showValue } from './field-values';
import { type LeadMergeOptions, mergeLeads } from './lead-merge';
import type { LeadRow, LeadStore } from './lead-store';
import { createLeadSync, type LeadSyncOptions } from './lead-sync';
import type { Partitions } from './partitions';
import type { ProgramStore } from './program-store';

interface MoreLeadRoutesOptions extends LeadMergeOptions, LeadSyncOptions {
  programs: ProgramStore;
}

/** Partitions, merge, push, associate and memberships of leads (Marketo guide, "Leads"). */
export function moreLeadRoutes(options: MoreLeadRoutesOptions): Route[] {
  const { partitions, lists, programs } = options;
  const reads = 'Read-Only Lead' as const;
  const writes = 'Read-Write Lead' as const;
  const sync = createLeadSync(options);
  return [
    {
      method: 'GET',
      path: '/rest/v1/leads/partitions.json',
      permission: reads,
      handle: () => ({
        result: partitions.all().map(({ description, ...rest }) => ({ ...rest, description: description ?? '' })),
      }),
    },
    {
      method: 'POST',
      path: '/rest/v1/leads/partitions.json',
      permission: writes,
      handle: (call) => moveToPartitions(call, options),
    },
    {
      method: 'POST',
      path: '/rest/v1/leads/{leadId}/merge.json',
      permission: writes,
      handle: (call) => mergeLeads(call, options),
    },
    { method: 'POST', path: '/rest/v1/leads/push.json', permission: writes, handle: (call) => push(call, sync) },
    {
      method: 'POST',
      path: '/rest/v1/leads/{leadId}/associate.json',
      permission: writes,
      handle: (call) => associate(call, options),
    },
    {
      method: 'GET',
      path: '/rest/v1/leads/{leadId}/listMembership.json',
      permission: reads,
      handle: (call) => ({ result: lists.listsOf(leadOf(call, options.leads)).map(({ id, name }) => ({ id, name })) }),
    },
    {
      method: 'GET',
      path: '/rest/v1/leads/{leadId}/programMembership.json',
      permission: reads,
      handle: (call) => ({ result: programs.programsOf(leadOf(call, options.leads)).map((id) => ({ id })) }),
    },
  ];
}

/** @throws ApiError 1004 where there is no such lead */
function leadOf({ path }: Call, leads: LeadStore): number {
  const text = path.leadId ?? '';
  const id = integerOf(text);
  if (!leads.get(id)) throw new ApiError('1004', `Lead '${showValue(text)}' not found`);
  return id;
}

/** Keeps a lead as it is now, and notes the write. */
function change(
  call: Call,
  { core, leads }: { core: InstanceCore; leads: LeadStore },
  row: LeadRow,
  after: LeadRow,
): void {
  leads.update(after, row.values);
  core.logWrite({
    by: call.user.userName,
    via: call.via,
    object: 'lead',
    recordId: String(row.id),
    operation: 'update',
    before: leads.snapshot(row),
    after: leads.snapshot(after),
  });
}

const moveSchema = z.object({ input: inputSchema });

function moveToPartitions(
  call: Call,
  { core, leads, partitions }: { core: InstanceCore; leads: LeadStore; partitions: Partitions },
): Envelope {
  const { input } = readShape(moveSchema, jsonBody(call));
  checkBatch(input, (size) => core.countViolation('batchTooLarge', `${size} leads to move`));
  const move = (record: unknown): { id?: number; status: string } => {
    const { id, partitionName } = isRecord(record) ? record : {};
    const row = typeof id === 'number' && Number.isSafeInteger(id) ? leads.get(id) : undefined;
    if (!row) throw new RecordRefusal('1004', 'Lead not found');
    if (typeof partitionName !== 'string' || partitionName === '')
      throw new RecordRefusal('1009', 'Partition name is required');
    const partition = partitions.find(partitionName);
    if (!partition) throw new RecordRefusal('1008', 'Partition access denied');
    const after = { ...row, partitionId: partition.id };
    change(call, { core, leads }, row, after);
    return { id: row.id, status: 'updated' };
  };
  const result = core.database.transaction(() =>
    input.map((record) => {
      try {
        return move(record);
      } catch (error) {
        if (error instanceof RecordRefusal) return { status: 'skipped', reasons: [error.reason] };
        throw error;
      }
    }),
  )();
  return { result };
}

/** Push Lead is an upsert whatever it is told; the program is only a source of its activities. */
function push(call: Call, sync: (call: Call) => Promise<Envelope>): Promise<Envelope> {
  const body = jsonBody(call);
  if (!isRecord(body)) throw new ApiError('1001', `Invalid value '${showValue(body)}'. Required of type 'Object'`);
  const { programName, source, reason, action, ...request } = body;
  if (typeof programName !== 'string' && typeof programName !== 'number')
    throw new ApiError('1002', `Missing value for the required parameter 'programName'`);
  return sync({ ...call, body: Buffer.from(JSON.stringify(request)) });
}

/** The cookie becomes one of the lead's; nobody browses in a sandbox, so there is nothing to bring over. */
function associate(call: Call, { core, leads }: { core: InstanceCore; leads: LeadStore }): Envelope {
  const cookie = requiredParameter(call.parameters, 'cookie');
  const row = leads.get(leadOf(call, leads));
  if (!row) return {};
  if (!/^id:[\w-]+&token:[\w.-]+$/.test(cookie))
    throw new ApiError('1012', `Invalid cookie value '${showValue(cookie)}'`);
  const after = { ...row, values: { ...row.values, cookies: cookie.slice(0, 255) } };
  change(call, { core, leads }, row, after);
  return {};
}
