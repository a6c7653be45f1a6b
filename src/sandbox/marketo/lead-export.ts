import { ApiError } from './api-error';
import { lineWriter } from './delimited-text';
import { type ExportableObject, planColumns } from './export-api';
import { oneFilter, readId, readRange } from './export-filters';
import type { ExportJob } from './export-store';
import type { LeadFields } from './lead-fields';
import type { LeadStore } from './lead-store';
import type { MarketoSettings } from './settings';
import type { StaticLists } from './static-lists';

interface LeadExportOptions {
  fields: LeadFields;
  leads: LeadStore;
  lists: StaticLists;
  settings: () => Readonly<MarketoSettings>;
  now: () => number;
}

export interface LeadExport {
  exportable: ExportableObject;
  rowsOf(job: ExportJob): Iterable<string>;
}

/** Bulk Lead Extract: what may be asked for, and the lines of the file (Marketo guide, "Bulk extract"). */
export function createLeadExport({ fields, leads, lists, settings, now }: LeadExportOptions): LeadExport {
  const idsOf = ({ request }: ExportJob): number[] => {
    const [name, value] = oneFilter(request.filter);
    if (name === 'createdAt' || name === 'updatedAt') {
      const { from, to } = readRange(name, value, settings().timeZone);
      // the visible updatedAt follows standard fields alone, this filter every change
      return leads.idsInRange(name === 'createdAt' ? 'created' : 'changed', from, to);
    }
    const list = findList(lists, name, value);
    return list ? lists.membersAfter(list.id, 0, now() - settings().visibilityDelayMs, Number.MAX_SAFE_INTEGER) : [];
  };

  return {
    exportable: {
      path: 'leads',
      permission: 'Read-Only Lead',
      objectOf: () => 'leads',
      plan(_call, request) {
        const columns = planColumns(request, (name) => fields.get(name) !== undefined);
        checkLeadFilter(request.filter, settings(), lists);
        return { ...columns, filter: request.filter };
      },
    },
    *rowsOf(job) {
      const line = lineWriter(job.format);
      yield line(job.request.headers);
      const readers = job.request.fields.flatMap((name) => {
        const field = fields.everything().find((candidate) => candidate.name === name);
        return field ? [leads.reader(field)] : [];
      });
      const visibleUntil = now() - settings().visibilityDelayMs;
      for (const id of idsOf(job)) {
        const row = leads.get(id);
        if (row && row.created <= visibleUntil) yield line(readers.map((read) => read(row)));
      }
    },
  };
}

/** The list that a `staticListId` or `staticListName` filter names. */
export const findList = (lists: StaticLists, name: string, value: unknown) =>
  name === 'staticListId' ? lists.get(readId(value)) : lists.byName(String(value));

/** @throws ApiError where not exactly one filter is given, where it is malformed, or where the subscription lacks it */
export function checkLeadFilter(
  filter: Readonly<Record<string, unknown>>,
  settings: Readonly<MarketoSettings>,
  lists: StaticLists,
): void {
  const [name, value] = oneFilter(filter);
  const isSmartList = name === 'smartListId' || name === 'smartListName';
  if ((name === 'updatedAt' && !settings.updatedAtFilter) || (isSmartList && !settings.smartListFilter))
    throw new ApiError('1035', `Unsupported filter type for target subscription: ${name}`);
  if (name === 'createdAt' || name === 'updatedAt') readRange(name, value, settings.timeZone);
  else if (name === 'staticListId' || name === 'staticListName') {
    if (!findList(lists, name, value)) throw new ApiError('1013', 'Static list not found');
  } else if (isSmartList) throw new ApiError('1013', 'Smart list not found');
  else throw new ApiError('1003', `Invalid filter type '${name.slice(0, 255)}'`);
}
