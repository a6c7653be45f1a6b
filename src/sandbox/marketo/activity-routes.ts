import { z } from 'zod';
import type { InstanceCore } from '../core';
import { type ActivityLog, ActivityTypeId, type StoredActivity } from './activity-log';
import type { Activity, ActivityReader } from './activity-reader';
import type { ActivityTypes } from './activity-types';
import { ApiError, type Reason, RecordRefusal } from './api-error';
import {
  batchSizeOf,
  type Call,
  checkBatch,
  type Envelope,
  inputSchema,
  integerOf,
  jsonBody,
  listOf,
  type Route,
  readShape,
  requiredParameter,
} from './call';
import { fromDateToken, toDateToken } from './date-token';
import { showValue } from './field-values';
import type { LeadFields } from './lead-fields';
import type { LeadStore } from './lead-store';
import type { MarketoSettings } from './settings';
import type { StaticLists } from './static-lists';
import { formatInstant, parseInstant } from './time';

/** Limits of one call (Marketo guide, "Activities"). */
const MOST_TYPES = 10;
const MOST_LEADS = 30;
const MOST_LIST_MEMBERS = 10_000;
const MOST_ATTRIBUTE_BYTES = 65_536;

export interface ActivityRoutesOptions {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
  fields: LeadFields;
  leads: LeadStore;
  lists: StaticLists;
  log: ActivityLog;
  reader: ActivityReader;
  types: ActivityTypes;
}

/** Activities, lead changes and deleted leads, all paged by date (Marketo guide, "Activities"). */
export function activityRoutes(options: ActivityRoutesOptions): Route[] {
  const { types } = options;
  const reads = 'Read-Only Activity' as const;
  const base = '/rest/v1/activities';
  return [
    {
      method: 'GET',
      path: `${base}/types.json`,
      permission: 'Read-Only Activity Metadata',
      handle: () => ({ result: types.all() }),
    },
    {
      method: 'GET',
      path: `${base}/pagingtoken.json`,
      permission: reads,
      handle: (call) => pagingToken(call, options),
    },
    { method: 'GET', path: `${base}.json`, permission: reads, handle: (call) => activities(call, options) },
    {
      method: 'GET',
      path: `${base}/leadchanges.json`,
      permission: reads,
      handle: (call) => leadChanges(call, options),
    },
    {
      method: 'GET',
      path: `${base}/deletedleads.json`,
      permission: reads,
      handle: (call) => deletedLeads(call, options),
    },
    {
      method: 'POST',
      path: `${base}/external.json`,
      permission: 'Read-Write Activity',
      handle: (call) => addActivities(call, options),
    },
  ];
}

function pagingToken({ parameters }: Call, { settings }: ActivityRoutesOptions): Envelope {
  const text = requiredParameter(parameters, 'sinceDatetime');
  // a plus that was not encoded arrives as a blank
  const instant = parseInstant(text.trim().replace(/ (\d\d:?\d\d)$/, '+$1'), settings().timeZone);
  if (instant === null) throw new ApiError('704', 'Invalid date format');
  return { nextPageToken: toDateToken({ instant, position: 0 }) };
}

function page(call: Call, { reader }: ActivityRoutesOptions, expand: (event: StoredActivity) => Activity[]): Envelope {
  const place = fromDateToken(call.parameters.get('nextPageToken'));
  const { activities: result, next, hasMore } = reader.page(place, batchSizeOf(call.parameters), expand);
  return { result, nextPageToken: toDateToken(next), moreResult: hasMore };
}

function activities(call: Call, options: ActivityRoutesOptions): Envelope {
  const { parameters } = call;
  requiredParameter(parameters, 'activityTypeIds');
  const typeIds = listOf(parameters, 'activityTypeIds').map(integerOf);
  if (typeIds.length > MOST_TYPES)
    throw new ApiError('1003', `Invalid value for 'activityTypeIds': at most ${MOST_TYPES} types`);
  for (const id of typeIds)
    if (!options.types.get(id)) throw new ApiError('1003', `Invalid value '${id}' for 'activityTypeIds'`);
  const assetIds = listOf(parameters, 'assetIds').map(integerOf);
  const isWished = leadFilter(call, options);
  return page(call, options, (event) =>
    typeIds.includes(event.typeId) && isWished(event.leadId)
      ? options.reader
          .single(event)
          .filter((activity) => assetIds.length === 0 || assetIds.includes(activity.primaryAttributeValueId ?? -1))
      : [],
  );
}

function leadChanges(call: Call, options: ActivityRoutesOptions): Envelope {
  const { parameters } = call;
  requiredParameter(parameters, 'fields');
  const names = new Set(listOf(parameters, 'fields'));
  for (const name of names)
    if (!options.fields.get(name)) throw new ApiError('1006', `Field '${showValue(name)}' not found`);
  const isWished = leadFilter(call, options);
  return page(call, options, (event) => {
    if (!isWished(event.leadId)) return [];
    const { id, leadId, typeId, at, details } = event;
    const fields = (details.fields ?? []).filter(({ name }) => names.has(name));
    const isNew = typeId === ActivityTypeId.NewLead;
    if (!isNew && (typeId !== ActivityTypeId.ChangeDataValue || fields.length === 0)) return [];
    const common = { id, marketoGUID: String(id), leadId, activityDate: formatInstant(at), activityTypeId: typeId };
    return [{ ...common, fields, attributes: details.attributes }];
  });
}

function deletedLeads(call: Call, options: ActivityRoutesOptions): Envelope {
  return page(call, options, (event) =>
    event.typeId === ActivityTypeId.DeleteLead ? options.reader.single(event) : [],
  );
}

/** Leads that a call is about: those named, those of a list, or all. */
function leadFilter({ parameters }: Call, { lists }: ActivityRoutesOptions): (leadId: number) => boolean {
  const leadIds = new Set(listOf(parameters, 'leadIds').map(integerOf));
  if (leadIds.size > MOST_LEADS) throw new ApiError('1003', `Invalid value for 'leadIds': at most ${MOST_LEADS} leads`);
  const listText = parameters.get('listId');
  if (listText === null || listText === '') return (leadId) => leadIds.size === 0 || leadIds.has(leadId);
  const list = lists.get(integerOf(listText));
  if (!list) throw new ApiError('1013', 'Static list not found');
  if (lists.memberCount(list.id) >= MOST_LIST_MEMBERS)
    throw new ApiError('1003', `Invalid value for 'listId': the list has ${MOST_LIST_MEMBERS} members or more`);
  return (leadId) => (leadIds.size === 0 || leadIds.has(leadId)) && lists.isMember(list.id, leadId);
}

const externalSchema = z.object({ input: inputSchema });
const externalActivitySchema = z.object({
  leadId: z.number().int(),
  activityDate: z.string(),
  activityTypeId: z.number().int(),
  primaryAttributeValue: z.union([z.string(), z.number()]),
  attributes: z
    .array(z.object({ name: z.string().optional(), apiName: z.string().optional(), value: z.unknown() }))
    .default([]),
});

/** Add Custom Activities: skipped elements carry `errors`, not `reasons`. */
function addActivities(call: Call, options: ActivityRoutesOptions): Envelope {
  const { core } = options;
  const { input } = readShape(externalSchema, jsonBody(call));
  checkBatch(input, (size) => core.countViolation('batchTooLarge', `${size} custom activities`));
  const result = core.database.transaction(() =>
    input.map((record): { id?: number; marketoGUID?: string; status: string; errors?: Reason[] } => {
      try {
        const id = addActivity(record, call, options);
        return { id, marketoGUID: String(id), status: 'added' };
      } catch (error) {
        if (error instanceof RecordRefusal) return { status: 'skipped', errors: [error.reason] };
        if (error instanceof ApiError)
          return { status: 'skipped', errors: [{ code: error.code, message: error.message }] };
        throw error;
      }
    }),
  )();
  return { result };
}

function addActivity(
  record: unknown,
  call: Call,
  { core, leads, log, types, settings }: ActivityRoutesOptions,
): number {
  const { leadId, activityDate, activityTypeId, primaryAttributeValue, attributes } = readShape(
    externalActivitySchema,
    record,
  );
  if (!types.isCustom(activityTypeId))
    throw new RecordRefusal('1003', `Invalid value '${activityTypeId}' for 'activityTypeId'`);
  if (!leads.get(leadId)) throw new RecordRefusal('1004', 'Lead not found');
  const at = parseInstant(activityDate, settings().timeZone);
  if (at === null) throw new RecordRefusal('1003', `Invalid date '${showValue(activityDate)}'`);
  if (attributes.length > 20) throw new RecordRefusal('1028', 'Too many attributes');
  if (Buffer.byteLength(JSON.stringify(attributes)) > MOST_ATTRIBUTE_BYTES)
    throw new RecordRefusal('1049', 'Attributes are too long');
  const details = {
    primaryAttributeValue: String(primaryAttributeValue),
    attributes: attributes.map(({ name, apiName, value }) => ({ name: name ?? apiName ?? '', value: value ?? null })),
  };
  const id = log.record(leadId, activityTypeId, details, at);
  core.logWrite({
    by: call.user.userName,
    via: call.via,
    object: 'activity',
    recordId: String(id),
    operation: 'create',
    before: null,
    after: { leadId, activityTypeId, primaryAttributeValue, activityDate: formatInstant(at) },
  });
  return id;
}
