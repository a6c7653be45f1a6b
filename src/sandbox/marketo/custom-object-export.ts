import { ApiError } from './api-error';
import { lineWriter } from './delimited-text';
import { type ExportableObject, planColumns } from './export-api';
import { oneFilter, readRange } from './export-filters';
import type { ExportJob } from './export-store';
import { checkLeadFilter, findList } from './lead-export';
import type { ObjectApi } from './object-api';
import type { ObjectApis } from './object-apis';
import type { ObjectRow } from './object-store';
import type { MarketoStores } from './stores';

const ROWS_AT_A_TIME = 1000;

/** Bulk Custom Object Extract: by the records' own `updatedAt`, or by a list of the leads that they belong to. */
export function createCustomObjectExport(
  apis: ObjectApis,
  { settings, lists }: MarketoStores,
): { exportable: ExportableObject; rowsOf(job: ExportJob): Iterable<string> } {
  const linkField = ({ store }: ObjectApi): string | undefined => store.type.relationships?.[0]?.field;

  const isWished = (api: ObjectApi, filter: Readonly<Record<string, unknown>>): ((row: ObjectRow) => boolean) => {
    const [name, value] = oneFilter(filter);
    if (name === 'updatedAt') {
      const { from, to } = readRange(name, value, settings.current().timeZone);
      return ({ updated }) => updated >= from && updated <= to;
    }
    const list = findList(lists, name, value);
    const link = linkField(api) ?? '';
    return ({ values }) => list !== undefined && lists.isMember(list.id, Number(values[link]));
  };

  return {
    exportable: {
      path: 'customobjects/{apiName}',
      permission: 'Read-Only Custom Object',
      objectOf(call) {
        const apiName = call.path.apiName ?? '';
        apis.custom(apiName);
        return `customobjects/${apiName}`;
      },
      plan(call, request) {
        const api = apis.custom(call.path.apiName ?? '');
        if (linkField(api) === undefined) throw new ApiError('1003', 'Invalid object: it is not linked to leads');
        const columns = planColumns(request, (name) => api.store.field(name) !== undefined);
        const [name] = oneFilter(request.filter);
        if (name === 'createdAt') throw new ApiError('1003', `Invalid filter type '${name}'`);
        checkLeadFilter(request.filter, settings.current(), lists);
        return { ...columns, filter: request.filter };
      },
    },
    *rowsOf({ object, format, request }) {
      const line = lineWriter(format);
      yield line(request.headers);
      const api = apis.custom(object.slice('customobjects/'.length));
      const fits = isWished(api, request.filter);
      for (let afterId = 0; ; ) {
        const rows = api.store.rows(afterId, ROWS_AT_A_TIME);
        for (const row of rows) if (fits(row)) yield line(request.fields.map((name) => api.store.read(row, name)));
        const last = rows[rows.length - 1];
        if (!last) return;
        afterId = last.id;
      }
    },
  };
}
