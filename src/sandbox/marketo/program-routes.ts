import { z } from 'zod';
import { ApiError } from './api-error';
import {
  batchSizeOf,
  type Call,
  type Envelope,
  integerOf,
  jsonBody,
  listOf,
  type Route,
  readShape,
  requiredParameter,
} from './call';
import { readInstant } from './export-filters';
import { keyOf, showValue } from './field-values';
import type { LeadQueries } from './lead-queries';
import { describeType } from './object-api';
import type { PageTokens } from './page-token';
import type { ProgramMembers } from './program-members';
import { PROGRAM_MEMBER, type ProgramMember, type ProgramStore } from './program-store';
import type { MarketoSettings } from './settings';

const WEEK_MS = 7 * 86_400_000;
/** A query of a program with more members is refused (Marketo guide, "Program members"). */
const MOST_MEMBERS = 100_000;
const statusBodySchema = z.object({ statusName: z.string().min(1) });

interface ProgramRoutesOptions {
  members: ProgramMembers;
  programs: ProgramStore;
  queries: LeadQueries;
  tokens: PageTokens;
  settings: () => Readonly<MarketoSettings>;
  describedAt: number;
}

/** Members of programs (Marketo guide, "Program members"). */
export function programRoutes(options: ProgramRoutesOptions): Route[] {
  const { members, programs, queries, describedAt } = options;
  const reads = 'Read-Only Lead' as const;
  const writes = 'Read-Write Lead' as const;
  const base = '/rest/v1/programs/{programId}/members';
  const writer = (call: Call) => ({ by: call.user.userName, via: call.via });
  return [
    {
      method: 'GET',
      path: '/rest/v1/programs/members/describe.json',
      permission: reads,
      handle: () => ({ result: [{ ...describeType(PROGRAM_MEMBER, describedAt), fields: PROGRAM_MEMBER.fields }] }),
    },
    { method: 'GET', path: `${base}.json`, permission: reads, handle: (call) => query(call, options) },
    {
      method: 'POST',
      path: `${base}/status.json`,
      permission: writes,
      handle(call) {
        const program = members.programOf(call);
        const { statusName } = readShape(statusBodySchema, jsonBody(call));
        const status = members.statusOf(program, statusName);
        return members.answer(call, (_record, leadId) => members.setStatus(program, status, leadId, writer(call)));
      },
    },
    {
      method: 'POST',
      path: `${base}.json`,
      permission: writes,
      handle(call) {
        const program = members.programOf(call);
        return members.answer(call, (record, leadId) => {
          members.setFields(program, record, leadId, writer(call));
          return 'updated';
        });
      },
    },
    {
      method: 'POST',
      path: `${base}/delete.json`,
      permission: writes,
      handle(call) {
        const program = members.programOf(call);
        return members.answer(call, (_record, leadId) => {
          members.remove(program, leadId, writer(call));
          return 'deleted';
        });
      },
    },
    {
      method: 'GET',
      path: '/rest/v1/leads/programs/{programId}.json',
      permission: reads,
      handle(call) {
        const { id } = members.programOf(call);
        return queries.page(call, `program ${id}`, (afterId, limit) =>
          programs.membersAfter(id, afterId, limit).map(({ leadId }) => leadId),
        );
      },
    },
  ];
}

function query(call: Call, { members, programs, tokens, settings }: ProgramRoutesOptions): Envelope {
  const { id } = members.programOf(call);
  if (programs.memberCount(id) > MOST_MEMBERS)
    throw new ApiError('1003', `Invalid value for 'programId': the program has more than ${MOST_MEMBERS} members`);
  const { parameters } = call;
  const isWished = filterOf(parameters, members, settings().timeZone);
  const names = listOf(parameters, 'fields');
  const columns = names.length > 0 ? names : ['leadId', 'programId', 'statusName', 'createdAt', 'updatedAt'];
  for (const name of columns)
    if (!programs.field(name)) throw new ApiError('1006', `Field '${showValue(name)}' not found`);
  const size = batchSizeOf(parameters);
  const key = JSON.stringify([
    'members',
    id,
    ...['filterType', 'filterValues', 'startAt', 'endAt'].map((name) => parameters.get(name)),
    columns,
    size,
  ]);
  const rows: ProgramMember[] = [];
  for (let after = tokens.read(key, parameters.get('nextPageToken')); rows.length <= size; ) {
    const slice = programs.membersAfter(id, after, 1000);
    rows.push(...slice.filter(isWished));
    const last = slice[slice.length - 1];
    if (!last) break;
    after = last.leadId;
  }
  const last = rows[size - 1];
  return {
    result: rows.slice(0, size).map((member, seq) => ({
      seq,
      ...Object.fromEntries(columns.map((name) => [name, members.read(member, name)])),
    })),
    ...(rows.length > size && last ? { nextPageToken: tokens.issue(key, last.leadId) } : {}),
  };
}

function filterOf(
  parameters: URLSearchParams,
  members: ProgramMembers,
  timeZone: string,
): (member: ProgramMember) => boolean {
  const filterType = requiredParameter(parameters, 'filterType');
  if (filterType === 'updatedAt') {
    const from = readInstant(requiredParameter(parameters, 'startAt'), timeZone);
    const to = readInstant(requiredParameter(parameters, 'endAt'), timeZone);
    if (from > to || to - from > WEEK_MS) throw new ApiError('1003', `Invalid range: at most 7 days`);
    return ({ updated }) => updated >= from && updated <= to;
  }
  if (!PROGRAM_MEMBER.searchableFields.includes(filterType))
    throw new ApiError('1003', `Invalid value for 'filterType' and value '${showValue(filterType)}'`);
  requiredParameter(parameters, 'filterValues');
  const values = new Set(listOf(parameters, 'filterValues').map(keyOf));
  if (filterType === 'leadId') for (const value of values) integerOf(value);
  return (member) => {
    const value = members.read(member, filterType);
    return value !== null && values.has(keyOf(value));
  };
}
