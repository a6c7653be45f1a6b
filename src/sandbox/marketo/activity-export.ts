import { ActivityTypeId } from './activity-log';
import type { Activity, ActivityReader } from './activity-reader';
import { ApiError } from './api-error';
import { lineWriter } from './delimited-text';
import type { ExportableObject } from './export-api';
import { readId, readRange } from './export-filters';
import type { ExportJob } from './export-store';
import { showValue } from './field-values';
import type { MarketoSettings } from './settings';

const COLUMNS = [
  'marketoGUID',
  'leadId',
  'activityDate',
  'activityTypeId',
  'campaignId',
  'primaryAttributeValueId',
  'primaryAttributeValue',
  'attributes',
];
const OPTIONAL_COLUMNS = ['actionResult'];
/** Values of one of the two filters by primary attribute (Marketo guide, "Bulk activity extract"). */
const MOST_PRIMARY_VALUES = 50;

interface ActivityExportOptions {
  reader: ActivityReader;
  settings: () => Readonly<MarketoSettings>;
}

interface ActivityFilter {
  from: number;
  to: number;
  typeIds: number[];
  primaryIds: number[];
  primaryValues: string[];
}

/** Bulk Activity Extract: fixed columns, a range of at most 31 days; Delete Lead cannot be had this way. */
export function createActivityExport({ reader, settings }: ActivityExportOptions): {
  exportable: ExportableObject;
  rowsOf(job: ExportJob): Iterable<string>;
} {
  return {
    exportable: {
      path: 'activities',
      permission: 'Read-Only Activity',
      objectOf: () => 'activities',
      plan(_call, { fields, columnHeaderNames, filter }) {
        readFilter(filter, settings().timeZone);
        const names = fields === undefined || fields.length === 0 ? COLUMNS : [...new Set(fields)];
        const unknown = names.filter((name) => !COLUMNS.includes(name) && !OPTIONAL_COLUMNS.includes(name));
        if (unknown.length > 0) throw new ApiError('1003', `Invalid fields [${unknown.map(showValue).join(', ')}]`);
        const headers = new Map(Object.entries(columnHeaderNames ?? {}));
        return { fields: names, headers: names.map((name) => headers.get(name) ?? name), filter };
      },
    },
    *rowsOf({ format, request }) {
      const line = lineWriter(format);
      yield line(request.headers);
      const { from, to, typeIds, primaryIds, primaryValues } = readFilter(request.filter, settings().timeZone);
      for (const event of reader.inRange(from, to)) {
        if (event.typeId === ActivityTypeId.DeleteLead) continue;
        if (typeIds.length > 0 && !typeIds.includes(event.typeId)) continue;
        for (const activity of reader.single(event)) {
          if (primaryIds.length > 0 && !primaryIds.includes(activity.primaryAttributeValueId ?? -1)) continue;
          if (primaryValues.length > 0 && !primaryValues.includes(activity.primaryAttributeValue ?? '')) continue;
          yield line(request.fields.map((name) => cell(activity, name)));
        }
      }
    },
  };
}

function cell(activity: Activity, name: string): unknown {
  switch (name) {
    case 'attributes':
      return JSON.stringify(Object.fromEntries(activity.attributes.map((one) => [one.name, one.value])));
    case 'marketoGUID':
    case 'leadId':
    case 'activityDate':
    case 'activityTypeId':
    case 'primaryAttributeValueId':
    case 'primaryAttributeValue':
      return activity[name];
    default:
      return null;
  }
}

/** @throws ApiError where the range is missing or too long, or a filter is malformed */
function readFilter(filter: Readonly<Record<string, unknown>>, timeZone: string): ActivityFilter {
  const { createdAt, activityTypeIds, primaryAttributeValueIds, primaryAttributeValues, ...others } = filter;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ApiError('1003', `Invalid filter type '${showValue(unknown)}'`);
  if (createdAt === undefined) throw new ApiError('1002', `Missing value for the required parameter 'createdAt'`);
  const typeIds = listIn(activityTypeIds).map(readId);
  const primaryIds = listIn(primaryAttributeValueIds).map(readId);
  const primaryValues = listIn(primaryAttributeValues).map(showValue);
  const isByPrimary = primaryIds.length > 0 || primaryValues.length > 0;
  if (isByPrimary && typeIds.length === 0)
    throw new ApiError('1002', `Missing value for the required parameter 'activityTypeIds'`);
  if (primaryIds.length > 0 && primaryValues.length > 0)
    throw new ApiError('1003', 'Invalid filter: either primaryAttributeValueIds or primaryAttributeValues');
  if (Math.max(primaryIds.length, primaryValues.length) > MOST_PRIMARY_VALUES)
    throw new ApiError('1003', `Invalid filter: at most ${MOST_PRIMARY_VALUES} primary attribute values`);
  return { ...readRange('createdAt', createdAt, timeZone), typeIds, primaryIds, primaryValues };
}

/** @throws ApiError 1001 where the value is no list */
function listIn(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value))
    throw new ApiError('1001', `Invalid value '${showValue(value)}'. Required of type 'Array'`);
  return value;
}
