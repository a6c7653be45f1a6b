import type { InstanceCore } from '../core';
import { type ActivityLog, ActivityTypeId } from './activity-log';
import { ApiError } from './api-error';
import { batchSizeOf, type Call, checkBatch, type Envelope, integerOf, listOf, type Route } from './call';
import type { LeadQueries } from './lead-queries';
import { type LeadIdResult, leadIdsOf, skipped } from './lead-removal';
import type { LeadStore } from './lead-store';
import type { PageTokens } from './page-token';
import type { MarketoSettings } from './settings';
import type { StaticList, StaticLists } from './static-lists';
import { formatInstant } from './time';

const WORKSPACE = 'Default';
export interface ListRoutesOptions {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
  leads: LeadStore;
  lists: StaticLists;
  queries: LeadQueries;
  activities: ActivityLog;
  tokens: PageTokens;
}

/** Static lists and their members (Marketo guide, "Static lists"). */
export function listRoutes(options: ListRoutesOptions): Route[] {
  const { lists } = options;
  const reads = 'Read-Only Lead' as const;
  const writes = 'Read-Write Lead' as const;
  const members = '/rest/v1/lists/{listId}/leads.json';
  const readMembers = (call: Call): Envelope => memberPage(call, options);
  return [
    { method: 'GET', path: '/rest/v1/lists.json', permission: reads, handle: (call) => findLists(call, options) },
    {
      method: 'GET',
      path: '/rest/v1/lists/{listId}.json',
      permission: reads,
      handle: (call) => ({ result: [describeList(listOfPath(call, lists))] }),
    },
    { method: 'GET', path: members, permission: reads, handle: readMembers },
    { method: 'GET', path: '/rest/v1/list/{listId}/leads.json', permission: reads, handle: readMembers },
    { method: 'POST', path: members, permission: writes, handle: (call) => addMembers(call, options) },
    { method: 'DELETE', path: members, permission: writes, handle: (call) => removeMembers(call, options) },
    {
      method: 'GET',
      path: '/rest/v1/lists/{listId}/leads/ismember.json',
      permission: reads,
      handle: (call) => areMembers(call, options),
    },
  ];
}

function describeList({ id, name, description, programName, createdAt, updatedAt }: StaticList) {
  return {
    id,
    name,
    ...(description === null ? {} : { description }),
    ...(programName === null ? {} : { programName }),
    workspaceName: WORKSPACE,
    createdAt: formatInstant(createdAt),
    updatedAt: formatInstant(updatedAt),
  };
}

function findLists({ parameters }: Call, { lists, tokens }: ListRoutesOptions): Envelope {
  const wished = {
    ids: listOf(parameters, 'id').map(integerOf),
    names: listOf(parameters, 'name'),
    programs: listOf(parameters, 'programName'),
    workspaces: listOf(parameters, 'workspaceName'),
  };
  const size = batchSizeOf(parameters);
  const query = JSON.stringify(['lists', wished, size]);
  const fits = <T>(values: readonly T[], value: T | null): boolean =>
    values.length === 0 || (value !== null && values.includes(value));
  const found = lists
    .after(tokens.read(query, parameters.get('nextPageToken')), Number.MAX_SAFE_INTEGER)
    .filter(
      ({ id, name, programName }) =>
        fits(wished.ids, id) &&
        fits(wished.names, name) &&
        fits(wished.programs, programName) &&
        fits(wished.workspaces, WORKSPACE),
    );
  const last = found[size - 1];
  return {
    result: found.slice(0, size).map(describeList),
    ...(found.length > size && last ? { nextPageToken: tokens.issue(query, last.id) } : {}),
  };
}

/** @throws ApiError 1013 where there is no such list */
function listOfPath({ path }: Call, lists: StaticLists): StaticList {
  const list = lists.get(integerOf(path.listId ?? ''));
  if (!list) throw new ApiError('1013', 'Static list not found');
  return list;
}

function memberPage(call: Call, { lists, queries, settings, core }: ListRoutesOptions): Envelope {
  const { id } = listOfPath(call, lists);
  const visibleUntil = core.clock.now() - settings().visibilityDelayMs;
  return queries.page(call, `list ${id}`, (afterId, limit) => lists.membersAfter(id, afterId, visibleUntil, limit));
}

/** One result for each id of the call, in its place; 1004 where there is no such lead. */
function forEachLead(
  call: Call,
  { core, leads }: ListRoutesOptions,
  treat: (leadId: number) => LeadIdResult,
): Envelope {
  const ids = leadIdsOf(call);
  checkBatch(ids, (size) => core.countViolation('batchTooLarge', `${size} ids for a list`));
  const result = core.database.transaction(() =>
    ids.map((id) => (id === null || !leads.get(id) ? skipped('1004', 'Lead not found', id ?? undefined) : treat(id))),
  )();
  return { result };
}

function addMembers(call: Call, options: ListRoutesOptions): Envelope {
  const { lists } = options;
  const list = listOfPath(call, lists);
  return forEachLead(call, options, (leadId) => {
    if (lists.addMember(list.id, leadId)) noteMembership(call, options, list, leadId, 'create');
    return { id: leadId, status: 'added' };
  });
}

function removeMembers(call: Call, options: ListRoutesOptions): Envelope {
  const { lists } = options;
  const list = listOfPath(call, lists);
  return forEachLead(call, options, (leadId) => {
    if (!lists.removeMember(list.id, leadId)) return skipped('1015', 'Lead not in list', leadId);
    noteMembership(call, options, list, leadId, 'delete');
    return { id: leadId, status: 'removed' };
  });
}

/** A membership is a record of its own in the write log; the lead itself does not change by it. */
function noteMembership(
  { user, via }: Call,
  { core, activities }: ListRoutesOptions,
  { id, name }: StaticList,
  leadId: number,
  operation: 'create' | 'delete',
): void {
  const typeId = operation === 'create' ? ActivityTypeId.AddToList : ActivityTypeId.RemoveFromList;
  activities.record(leadId, typeId, {
    primaryAttributeValueId: id,
    primaryAttributeValue: name,
    attributes: [{ name: 'Source', value: 'Web service API' }],
  });
  const membership = { listId: id, leadId };
  core.logWrite({
    by: user.userName,
    via,
    object: 'listMembership',
    recordId: `${id}/${leadId}`,
    operation,
    before: operation === 'create' ? null : membership,
    after: operation === 'create' ? membership : null,
  });
}

function areMembers(call: Call, options: ListRoutesOptions): Envelope {
  const { lists } = options;
  const { id } = listOfPath(call, lists);
  return forEachLead(call, options, (leadId) => ({
    id: leadId,
    status: lists.isMember(id, leadId) ? 'memberof' : 'notmemberof',
  }));
}
