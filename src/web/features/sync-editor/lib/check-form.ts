import { checkDefinition } from '../../../../domain/check-definition';
import { type Definition, type DefinitionProblem, draftDefinition } from '../../../../domain/definition';
import { issueInWords } from '../../../../domain/issue-words';
import type { ObjectDescription } from '../../../../domain/object-description';
import { scheduleProblems } from '../../../../domain/schedule';
import { missingBasics } from './steps';
import { type FormAsDraft, type SyncForm, scheduleOf } from './sync-form';

/** What the check goes by. */
export interface CheckContext {
  source: ObjectDescription | null;
  destination: ObjectDescription | null;
  /** Ids of the connections that there are; null until that is known. */
  connectionIds: ReadonlySet<string> | null;
  /** ISO 8601 UTC */
  now: string;
}

/**
 * Everything that stands between the edited form and its activation, by the rules of the API. What belongs to a row of the mapping has
 * the path `rows.KEY`, whatever its place.
 */
export function formProblems(form: SyncForm, asDraft: FormAsDraft, context: CheckContext): DefinitionProblem[] {
  return [
    ...missingBasics(form).map(({ path, reason }) => ({ path, message: reason })),
    ...goneConnections(form, context),
    ...shapeProblems(asDraft),
    ...asDraft.unfinished,
    ...objectProblems(asDraft, context),
    ...timeProblems(form, context),
  ];
}

/** An earlier version, or what was kept in the browser, may name a connection that was deleted since. */
const goneConnections = (form: SyncForm, { connectionIds }: CheckContext): DefinitionProblem[] =>
  (['source', 'destination'] as const).flatMap((end) => {
    const { connectionId } = form[end];
    if (connectionId === '' || !connectionIds || connectionIds.has(connectionId)) return [];
    return [{ path: `${end}.connectionId`, message: 'This connection was deleted. Choose another one.' }];
  });

/** A description that is too long, and the like. */
function shapeProblems({ draft, rowKeys }: FormAsDraft): DefinitionProblem[] {
  const parsed = draftDefinition.safeParse({ ...draft, name: draft.name || 'missing is told elsewhere' });
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) =>
    placedInRow({ path: pathOf(issue.path), message: issueInWords(issue) }, rowKeys),
  );
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );

function objectProblems({ draft, rowKeys }: FormAsDraft, context: CheckContext): DefinitionProblem[] {
  const { source, destination, now } = context;
  const none = { path: 'mappings', message: 'Map at least one field.' };
  const hasNone = rowKeys.length === 0;
  if (!source || !destination) return hasNone ? [none] : [];
  // the schedule is checked by itself; what else is missing has its default
  const complete = { ...draft, mappings: draft.mappings ?? [], schedule: { type: 'now' } } as Definition;
  const found = checkDefinition(complete, source, destination, { now, defaultTimeZone: 'UTC' });
  return [...(hasNone ? [none] : []), ...found.map((problem) => placedInRow(problem, rowKeys))];
}

/** `mappings[2].to` → `rows.KEY.to`, so that it stays with its row. */
export function placedInRow({ path, message }: DefinitionProblem, rowKeys: readonly string[]): DefinitionProblem {
  const [, index, rest = ''] = /^mappings\[(\d+)\](.*)$/.exec(path) ?? [];
  const key = rowKeys[Number(index)];
  return { path: key === undefined ? path : `rows.${key}${rest}`, message };
}

function timeProblems({ schedule }: SyncForm, { now }: CheckContext): DefinitionProblem[] {
  if (schedule.type === '') return [{ path: 'schedule.type', message: 'Choose when the sync runs.' }];
  const given = scheduleOf(schedule);
  if (given) return scheduleProblems(given, now, 'UTC');
  return schedule.type === 'once'
    ? [{ path: 'schedule.at', message: 'Choose the date and the time of the run.' }]
    : [{ path: 'schedule.start', message: 'Choose the date and the time of the first run.' }];
}

/** Whether a path is one of the mappings. */
export const isMapped = (path: string): boolean => /^(rows|mappings)\b/.test(path);
