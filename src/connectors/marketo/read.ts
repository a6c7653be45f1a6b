import { z } from 'zod';
import type { Cursor, Page, ReadRequest } from '../connector';
import { ConnectorError } from '../connector-error';
import { changesCursor, isLogged, openChanges, readChanges } from './changed-people';
import type { MarketoClient } from './client';
import { ExportJobs, windowFilter } from './export-job';
import { ExportReader, exportCursor, newExport } from './export-reader';
import { kindOf } from './objects';
import { fieldsToRead, readByFilter, recordsByFilter } from './query';
import { planOf, type ReadPlan } from './read-plan';
import { windowsOf } from './time-span';
import { BATCH_RECORDS } from './tuning';
import { toInstant } from './values';

const keysCursor = z.object({ at: z.literal('keys'), field: z.string(), values: z.array(z.string()) });
const idsCursor = z.object({
  at: z.literal('ids'),
  from: z.number(),
  /** Blocks in a row up to `from` that were empty. */
  emptyBlocks: z.number(),
});
const anyCursor = z.union([exportCursor, changesCursor, keysCursor, idsCursor]);

/** Values of one part; the parts can be read side by side. */
const KEYS_OF_PART = BATCH_RECORDS;
/** Marketo was founded in this year, so nobody's data are older. */
const FIRST_YEAR_MS = Date.UTC(2006, 0, 1);
/** Stands for people whose ids are not in the order of their dates. */
const DAY_MS = 86_400_000;
const UNSUPPORTED_FILTER = '1035';
/** A subscription that lacks the filter by `updatedAt` may get it: it is tried again after a day. */
const RECHECK_MS = DAY_MS;

type WindowPlan = Extract<ReadPlan, { by: 'windows' }>;

/** Reads records of all objects: plans the parts of a read, and reads their pages. */
export class Reader {
  private readonly exports: ExportReader;
  private beginningMs: number | null = null;
  private unsupportedUntilMs = 0;

  constructor(private readonly client: MarketoClient) {
    this.exports = new ExportReader(client);
  }

  /** The parts of a read, each by its first cursor. */
  async plan(request: ReadRequest, signal: AbortSignal): Promise<Cursor[]> {
    const { plan } = planOf(request);
    switch (plan.by) {
      case 'keys':
        return slices(plan.values, KEYS_OF_PART).map((values) => ({ at: 'keys', field: plan.field, values }));
      case 'lists':
        return plan.listIds.map((staticListId) => newExport({ staticListId }));
      case 'program':
        return [newExport({ programId: plan.programId })];
      case 'ids':
        return [{ at: 'ids', from: 1, emptyBlocks: 0 }];
      case 'windows':
        return plan.field === 'createdAt' ? this.windows(plan, signal) : this.changedWindows(request, plan, signal);
    }
  }

  private async windows({ field, fromMs, toMs }: WindowPlan, signal: AbortSignal): Promise<Cursor[]> {
    const startMs = fromMs ?? (await this.beginning(signal));
    return windowsOf(startMs, toMs).map((window) => newExport(windowFilter(field, window)));
  }

  /**
   * Windows over `updatedAt`. Whether the subscription has that filter shows when the first export is made, which is then
   * used; where it has not, the log of changes is read, or everything.
   */
  private async changedWindows(request: ReadRequest, plan: WindowPlan, signal: AbortSignal): Promise<Cursor[]> {
    if (this.client.deps.now() < this.unsupportedUntilMs) return this.withoutUpdatedAt(request, plan, signal);
    const [first, ...others] = windowsOf(plan.fromMs ?? (await this.beginning(signal)), plan.toMs).map((window) =>
      windowFilter('updatedAt', window),
    );
    if (!first) return [];
    const jobs = new ExportJobs(this.client, kindOf(request.object.name).path);
    try {
      const exportId = await jobs.create(fieldsToRead(request), first, signal);
      return [{ at: 'made', filter: first, attempt: 1, exportId }, ...others.map(newExport)];
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== UNSUPPORTED_FILTER) throw error;
      this.unsupportedUntilMs = this.client.deps.now() + RECHECK_MS;
      return this.withoutUpdatedAt(request, plan, signal);
    }
  }

  private async withoutUpdatedAt(request: ReadRequest, plan: WindowPlan, signal: AbortSignal): Promise<Cursor[]> {
    const { object, changedSince } = request;
    if (object.name !== 'Lead') {
      throw new ConnectorError(
        `This subscription of Marketo cannot export ${object.name} records as a whole. Add a filter "in" on one of: ${object.keyFields.join(', ')}.`,
        'NEEDS_KEY_FILTER',
        { retry: 'never' },
      );
    }
    const sinceMs = changedSince === null ? null : Date.parse(changedSince);
    if (sinceMs !== null && isLogged(sinceMs, await this.client.vendorTime(this.client.deps.now(), signal))) {
      const cursor = await openChanges(this.client, sinceMs, signal);
      if (cursor) return [cursor];
    }
    // nothing tells what has changed: everybody is read, and the caller knows who is unchanged
    return this.windows({ by: 'windows', field: 'createdAt', fromMs: null, toMs: plan.toMs }, signal);
  }

  /** Reads one page. */
  async page(request: ReadRequest, given: Cursor, signal: AbortSignal): Promise<Page> {
    const cursor = anyCursor.parse(given); // it was made here
    switch (cursor.at) {
      case 'keys':
        return { records: await readByFilter(this.client, request, cursor.field, cursor.values, signal), next: null };
      case 'ids':
        return this.walk(request, cursor, signal);
      case 'changes':
        return readChanges(this.client, request, cursor, signal);
      default:
        return this.exports.step(request, cursor, signal);
    }
  }

  /** Asks for some blocks of ids at once; the walk ends after many empty ones in a row. */
  private async walk(request: ReadRequest, cursor: z.output<typeof idsCursor>, signal: AbortSignal): Promise<Page> {
    const { blocksAtOnce, emptyBlocks: mostEmpty } = this.client.tuning;
    const { idField } = request.object;
    const starts = Array.from({ length: blocksAtOnce }, (_, block) => cursor.from + block * BATCH_RECORDS);
    const blocks = await Promise.all(
      starts.map((from) => readByFilter(this.client, request, idField, idsFrom(from), signal)),
    );
    const emptyBlocks = blocks.reduce((empty, records) => (records.length === 0 ? empty + 1 : 0), cursor.emptyBlocks);
    const from = cursor.from + blocksAtOnce * BATCH_RECORDS;
    return { records: blocks.flat(), next: emptyBlocks >= mostEmpty ? null : { at: 'ids', from, emptyBlocks } };
  }

  /**
   * When the first person of the instance was created; found once. Ids are given in order, so the person with the lowest one is
   * the oldest; no call sorts by date. Where the lowest ids are not found, the whole life of Marketo is taken.
   */
  private async beginning(signal: AbortSignal): Promise<number> {
    this.beginningMs ??= (await this.oldestPerson(signal)) ?? FIRST_YEAR_MS;
    return this.beginningMs;
  }

  private async oldestPerson(signal: AbortSignal): Promise<number | null> {
    for (let block = 0; block < this.client.tuning.probeBlocks; block += 1) {
      const values = idsFrom(1 + block * BATCH_RECORDS);
      const query = { objectName: 'Lead', filterType: 'id', values, fields: ['id', 'createdAt'] };
      const created = (await recordsByFilter(this.client, query, signal)).flatMap(({ createdAt }) => {
        const epochMs = typeof createdAt === 'string' ? Date.parse(toInstant(createdAt)) : Number.NaN;
        return Number.isNaN(epochMs) ? [] : [epochMs];
      });
      if (created.length > 0) return Math.min(...created) - DAY_MS;
    }
    return null;
  }
}

const idsFrom = (from: number): string[] => Array.from({ length: BATCH_RECORDS }, (_, index) => String(from + index));

function slices<Item>(items: readonly Item[], size: number): Item[][] {
  const all: Item[][] = [];
  for (let from = 0; from < items.length; from += size) all.push(items.slice(from, from + size));
  return all;
}
