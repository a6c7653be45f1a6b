import { ApiError, RecordRefusal } from './api-error';
import { integerOf } from './call';
import { readValue, trimBlanks } from './field-values';
import { type Importable, importMessage } from './import-api';
import type { RowImport, RowOutcome } from './import-runner';
import type { ImportJob } from './import-store';
import { checkLookupField } from './lead-sync';
import type { LeadChanges, LeadWriter, WriteContext } from './lead-writer';
import type { MarketoStores } from './stores';

/** Leads that one key is looked for in; more than two are no better than two. */
const MATCHES_LOOKED_AT = 1000;

export interface LeadImport {
  importable: Importable;
  rows: RowImport;
  /** Creates or updates the lead of one row. */
  importLead(row: ReadonlyMap<string, string>, wish: LeadRowWish): { leadId: number; warning: string | null };
  /** @throws ApiError 1006 for a column that is no field */
  checkHeader(header: readonly string[]): void;
}

export interface LeadRowWish {
  lookupField: string;
  partitionId: number;
  context: WriteContext;
}

/** Bulk Lead Import: always upsert, except that `lookupField=id` updates alone (Marketo guide, "Bulk lead import"). */
export function createLeadImport(stores: MarketoStores, writer: LeadWriter): LeadImport {
  const { fields, leads, lists, partitions, settings } = stores;

  const checkHeader = (header: readonly string[]): void => {
    for (const name of header)
      if (!fields.get(name)) throw new ApiError('1006', `Field '${name.slice(0, 255)}' not found`);
  };
  const importLead: LeadImport['importLead'] = (row, { lookupField, partitionId, context }) => {
    const key = trimBlanks(row.get(lookupField) ?? '');
    if (key === '') throw new RecordRefusal('1003', `Value for lookup field '${lookupField}' not found`);
    const ids = leads.findIds(lookupField, [key], MATCHES_LOOKED_AT);
    if (ids.length > 1 && settings.current().severalMatchesInImport === 'fail')
      throw new RecordRefusal('1007', 'Multiple lead match lookup criteria');
    const id = ids[ids.length - 1];
    const existing = id === undefined ? undefined : leads.get(id);
    const { changes, warning } = readCells(row, existing !== undefined);
    if (!existing) {
      if (lookupField === 'id') throw new RecordRefusal('1004', 'Lead not found');
      return { leadId: writer.create(changes, partitionId, context), warning };
    }
    for (const field of changes.keys()) if (field.name === lookupField) changes.delete(field);
    writer.update(existing, changes, context);
    return { leadId: existing.id, warning };
  };

  /** A bad main e-mail only warns; any other bad value fails the row, told by the field's label. */
  const readCells = (
    row: ReadonlyMap<string, string>,
    isUpdate: boolean,
  ): { changes: LeadChanges; warning: string | null } => {
    const changes: LeadChanges = new Map();
    let warning: string | null = null;
    for (const [name, cell] of row) {
      const field = fields.get(name);
      if (!field) throw new RecordRefusal('1006', `Field '${name}' not found`);
      if (trimBlanks(cell) === '' && isUpdate && settings.current().blankCellInImport === 'keep') continue;
      try {
        for (const [one, value] of writer.readChanges({ [name]: cell })) changes.set(one, value);
      } catch (error) {
        if (!(error instanceof RecordRefusal)) throw error;
        if (error.reason.code !== '1003') throw error;
        if (name !== 'email') throw new RecordRefusal('1003', `Invalid data type in field ${field.displayName}`);
        warning = 'Invalid email address';
        changes.set(field, readValue({ name, dataType: 'string', length: 255 }, cell, settings.current()));
      }
    }
    return { changes, warning };
  };

  return {
    checkHeader,
    importLead,
    importable: {
      paths: {
        create: '/bulk/v1/leads.json',
        status: '/bulk/v1/leads/batch/{batchId}.json',
        failures: '/bulk/v1/leads/batch/{batchId}/failures.json',
        warnings: '/bulk/v1/leads/batch/{batchId}/warnings.json',
      },
      permission: 'Read-Write Lead',
      emptyFile: 'empty',
      objectOf: () => 'leads',
      plan(_call, parameters, header) {
        const lookupField = parameters.get('lookupField') || 'email';
        checkLookupField(fields, lookupField);
        checkHeader(header);
        const listText = parameters.get('listId') ?? '';
        const listId = listText === '' ? undefined : integerOf(listText);
        if (listId !== undefined && !lists.get(listId)) throw new ApiError('1013', 'Static list not found');
        const partitionId = partitions.idOf(parameters.get('partitionName') ?? undefined);
        return { lookupField, partitionId, ...(listId === undefined ? {} : { listId }) };
      },
      describe: (job, { failed, warned }) => ({
        batchId: job.id,
        importId: String(job.id),
        status: job.state,
        ...(job.state === 'Queued'
          ? {}
          : { numOfLeadsProcessed: job.processed, numOfRowsFailed: failed, numOfRowsWithWarning: warned }),
        ...(job.message === null ? {} : { message: job.message }),
      }),
    },
    rows: {
      importRow({ id, userName, request }: ImportJob, row): RowOutcome {
        const context = { by: userName, via: `bulk import ${id}`, source: 'List import' };
        const { lookupField = 'email', partitionId = 1, listId } = request;
        return outcomeOf(() => {
          const { leadId, warning } = importLead(row, { lookupField, partitionId, context });
          if (listId !== undefined) lists.addMember(listId, leadId);
          return warning;
        });
      },
      message: (counts) => importMessage(counts, ` (${counts.processed} members)`),
    },
  };
}

/** @param write gives the row's warning, or throws why it failed */
export function outcomeOf(write: () => string | null): RowOutcome {
  try {
    const warning = write();
    return warning === null ? { kind: 'done' } : { kind: 'warned', reason: warning };
  } catch (error) {
    if (error instanceof RecordRefusal) return { kind: 'failed', reason: error.message };
    throw error;
  }
}
