import type { z } from 'zod';
import { findConnection } from '../../db/queries/connections';
import type { Connector, ReadRequest, SplitFilter } from '../connectors/connector';
import type { ConnectionKind } from '../domain/connection';
import type { DraftDefinition } from '../domain/definition';
import { filterColumns, filterProblems } from '../domain/filter';
import { filterInWords } from '../domain/filter-words';
import type { ObjectDescription } from '../domain/object-description';
import { scheduleProblems } from '../domain/schedule';
import type { ApiDeps } from './deps';
import { Problem } from './problem';
import type { countAnswer } from './schemas/mappings';
import type { queryAnswer } from './schemas/syncs';
import { askConnection } from './vendor';

/** What reading depends on. */
export type QueryQuestion = Pick<DraftDefinition, 'source' | 'filter' | 'mappings' | 'match' | 'records' | 'schedule'>;

const VENDORS: Record<ConnectionKind, string> = { marketo: 'Marketo', salesforce: 'Salesforce' };

/**
 * Tells what the source system evaluates of a definition's filter, what Sync evaluates, and what reading costs.
 * @throws Problem 422 when source or filter are not as they should be
 */
export async function viewQuery(
  deps: ApiDeps,
  question: QueryQuestion,
  signal: AbortSignal,
): Promise<z.input<typeof queryAnswer>> {
  const { split, object, kind } = await askReading(deps, question, signal, async (reading) => reading);
  return {
    pushed: { query: split.query, filter: split.pushed },
    local: split.local,
    cost: { apiCalls: split.apiCalls, megabytes: split.megabytes },
    text: inWords(VENDORS[kind], object, split, question.records === 'changed'),
  };
}

/**
 * Counts what a definition's filter selects, where the source system tells that without reading.
 * @throws Problem 422 when source or filter are not as they should be
 */
export const countRecords = (
  deps: ApiDeps,
  question: QueryQuestion,
  signal: AbortSignal,
): Promise<z.input<typeof countAnswer>> =>
  askReading(deps, question, signal, async ({ connector, request, split }, limited) => {
    const records = await connector.count(request, limited);
    return { records, exact: records !== null && split.local === null };
  });

interface Reading {
  connector: Connector;
  kind: ConnectionKind;
  object: ObjectDescription;
  /** As a run would ask. */
  request: ReadRequest;
  split: SplitFilter;
}

/** Asks the source system something of what a run would read. */
async function askReading<Answer>(
  deps: ApiDeps,
  question: QueryQuestion,
  signal: AbortSignal,
  ask: (reading: Reading, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const { source, filter, schedule } = question;
  if (!source) throw invalid('source', 'Choose where to read first: a connection and an object.');
  const connection = await findConnection(deps.database.db, source.connectionId);
  if (!connection) throw invalid('source.connectionId', 'There is no such connection.');
  const timeZone = zoneOf(schedule, deps);
  return askConnection(deps, source.connectionId, signal, async ({ connector, describe }, limited) => {
    const object = await describe(source.object, limited);
    const problems = filter ? filterProblems(filter, object) : [];
    if (problems.length > 0) {
      throw new Problem(422, 'The filter cannot be evaluated as it is.', problems);
    }
    const request = {
      object,
      fields: fieldsToRead(question, object),
      filter: filter ?? null,
      changedSince: null,
      asOf: deps.now(),
      timeZone,
    };
    const split = connector.splitFilter(request);
    return ask({ connector, kind: connection.kind, object, request, split }, limited);
  });
}

const invalid = (path: string, message: string): Problem => new Problem(422, message, [{ path, message }]);

/** The zone in which a day of the filter begins. */
function zoneOf(schedule: DraftDefinition['schedule'], deps: ApiDeps): string {
  const timeZone = schedule?.timeZone ?? deps.settings.timeZone;
  const problems = scheduleProblems({ type: 'now', timeZone }, deps.now(), deps.settings.timeZone);
  if (problems.length > 0) throw new Problem(422, 'The time zone is not one.', problems);
  return timeZone;
}

/** As a run reads them, as far as a definition that is not complete tells. */
function fieldsToRead({ filter, mappings, match }: QueryQuestion, object: ObjectDescription): string[] {
  const mapped = (mappings ?? []).flatMap(({ from }) => ('field' in from ? [from.field] : []));
  const matched = match?.source ?? object.defaultMatchField;
  const wanted = new Set([...mapped, ...(matched ? [matched] : []), ...(filter ? filterColumns(filter) : [])]);
  return object.fields.filter(({ name, type }) => wanted.has(name) && type !== 'other').map(({ name }) => name);
}

/** What stamps of the source do not show is said, since nobody would look for it otherwise. */
const CHANGED_ONLY =
  'After a first run of all, only what changed since the last complete one is read, what failed, and what takes the place of a record that has gone; ' +
  'everything again when the filter, the match, the mapping or a rule has changed, or the filter goes by the present time. ' +
  'A change that moves no date of the record is not seen: a formula, a record that it refers to, an edit in the destination.';

function inWords(vendor: string, object: ObjectDescription, split: SplitFilter, isChangedOnly: boolean): string {
  const which = split.pushed ? `the ${object.label} records where ${filterInWords(split.pushed, object)}` : null;
  const given = `${vendor} gives ${which ?? `all ${object.label} records`}`;
  const kept = split.local ? `; of these, Sync keeps those where ${filterInWords(split.local, object)}` : '';
  const changed = isChangedOnly ? ` ${CHANGED_ONLY}` : '';
  return `${given}${kept}.${changed}`;
}
