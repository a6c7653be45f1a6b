import type { InstanceCore } from '../core';
import { ApiError, RecordRefusal } from './api-error';
import { type Call, integerOf, requiredParameter } from './call';
import { trimBlanks } from './field-values';
import { type Importable, importMessage } from './import-api';
import type { RowImport } from './import-runner';
import type { ImportJob } from './import-store';
import { type LeadImport, outcomeOf } from './lead-import';
import { importRecord } from './object-api';
import type { ObjectApis } from './object-apis';
import type { ProgramMembers } from './program-members';
import type { ProgramStore } from './program-store';
import type { MarketoSettings } from './settings';

export interface ObjectImport {
  importable: Importable;
  rows: RowImport;
}

interface ObjectImportContext {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
}

const progress = (
  job: ImportJob,
  counts: { failed: number; warned: number },
  named: Record<string, unknown>,
): Record<string, unknown> => ({
  batchId: job.id,
  operation: 'import',
  status: job.state,
  ...named,
  ...(job.state === 'Queued'
    ? {}
    : {
        numOfObjectsProcessed: job.processed,
        numOfRowsFailed: counts.failed,
        numOfRowsWithWarning: counts.warned,
      }),
  ...(job.finishedAt === null || job.startedAt === null
    ? {}
    : { importTime: `${Math.ceil((job.finishedAt - job.startedAt) / 1000)} second(s)` }),
  ...(job.message === null ? {} : { message: job.message }),
});

/** Bulk Custom Object Import: upsert by the object's keys. */
export function createCustomObjectImport(apis: ObjectApis, context: ObjectImportContext): ObjectImport {
  const base = '/bulk/v1/customobjects/{apiName}/import';
  return {
    importable: {
      paths: {
        create: `${base}.json`,
        status: `${base}/{batchId}/status.json`,
        failures: `${base}/{batchId}/failures.json`,
        warnings: `${base}/{batchId}/warnings.json`,
      },
      permission: 'Read-Write Custom Object',
      emptyFile: 'missing',
      objectOf(call: Call) {
        const apiName = call.path.apiName ?? '';
        apis.custom(apiName);
        return `customobjects/${apiName}`;
      },
      plan(call, _parameters, header) {
        const { store } = apis.custom(call.path.apiName ?? '');
        for (const name of header)
          if (!store.field(name)) throw new ApiError('1006', `Field '${name.slice(0, 255)}' not found`);
        return {};
      },
      describe: (job, counts) => progress(job, counts, { objectApiName: job.object.slice('customobjects/'.length) }),
    },
    rows: {
      importRow: ({ id, object, userName }, row) =>
        outcomeOf(() => {
          const api = apis.custom(object.slice('customobjects/'.length));
          const { type } = api.store;
          if (type.dedupeFields.some((name) => trimBlanks(row.get(name) ?? '') === ''))
            throw new RecordRefusal('1003', 'missing.dedupe.fields');
          const values = [...row].filter(([, cell]) => trimBlanks(cell) !== '');
          importRecord(api, Object.fromEntries(values), { by: userName, via: `bulk import ${id}` }, context);
          return null;
        }),
      message: (counts) => importMessage(counts, ''),
    },
  };
}

/** Bulk Program Member Import: leads by e-mail, made where they are missing, who become members with one status. */
export function createProgramMemberImport(
  leadImport: LeadImport,
  members: ProgramMembers,
  programs: ProgramStore,
): ObjectImport {
  const base = '/bulk/v1/program/members/import/{batchId}';
  return {
    importable: {
      paths: {
        create: '/bulk/v1/program/{programId}/members/import.json',
        status: `${base}/status.json`,
        failures: `${base}/failures.json`,
        warnings: `${base}/warnings.json`,
      },
      permission: 'Read-Write Lead',
      emptyFile: 'missing',
      objectOf: () => 'program/members',
      plan(call, parameters, header) {
        const program = members.programOf(call);
        const status = members.statusOf(program, requiredParameter(parameters, 'programMemberStatus'));
        leadImport.checkHeader(header);
        return { programId: integerOf(call.path.programId ?? ''), statusName: status.name };
      },
      describe: (job, counts) => progress(job, counts, { importId: String(job.id) }),
    },
    rows: {
      importRow: ({ id, userName, request }, row) =>
        outcomeOf(() => {
          const program = programs.get(request.programId ?? 0);
          if (!program) throw new RecordRefusal('1013', 'Program not found');
          const context = { by: userName, via: `bulk import ${id}`, source: 'List import' };
          const lead = leadImport.importLead(row, { lookupField: 'email', partitionId: 1, context });
          members.setStatus(program, members.statusOf(program, request.statusName ?? ''), lead.leadId, context);
          return lead.warning;
        }),
      message: (counts) => importMessage(counts, ` (${counts.processed} members)`),
    },
  };
}
