import { type Definition, type DraftDefinition, type Schedule, TIME_UNITS } from '../../../../domain/definition';
import { filterInWords } from '../../../../domain/filter-words';
import { matchOf } from '../../../../domain/match';
import type { ObjectDescription } from '../../../../domain/object-description';
import type { SyncStatus } from '../../../../domain/outcome';
import { formatDay } from '../../../lib/format';

/** When a sync has run that was activated without a schedule: it has applied its preview. */
export const AS_PREVIEWED = 'Once, as its preview showed';

/** A piece of the sentence; `name` is something that the user chose, and is shown stronger. */
export interface SentencePart {
  text: string;
  kind: 'word' | 'name' | 'missing';
}

/** One end as far as it is known by now. */
export interface EndInWords {
  connection: string | null;
  object: ObjectDescription | null;
  /** The object's name while its description is being asked for. */
  objectName: string | null;
}

const word = (text: string): SentencePart => ({ text, kind: 'word' });
const name = (text: string): SentencePart => ({ text, kind: 'name' });
const missing = (text: string): SentencePart => ({ text, kind: 'missing' });

/**
 * What a sync will do, in one sentence: "Every day at 02:00 Europe/Berlin, take Contact records from Prod SF where Country is "DE"; of equal
 * e-mails keep the one updated last; create or update Lead records in Marketo EU by Email Address." What is not chosen yet is told as such.
 * @param how.status how it stands; a draft unless told otherwise
 */
export function syncInWords(
  draft: Partial<DraftDefinition>,
  source: EndInWords,
  destination: EndInWords,
  { status = 'draft' }: { status?: SyncStatus } = {},
): SentencePart[] {
  const match = matchInWords(draft, source.object, destination.object);
  return [
    ...when(draft.schedule, status),
    word(source.objectName !== null && isAll(draft) ? ', take all ' : ', take '),
    ...end(source, 'from', 'the source'),
    ...which(draft, source.object),
    ...duplicates(draft.deduplicate, match.source),
    word(`; ${IMPORT_WORDS[draft.importRule ?? 'createAndUpdate']} `),
    ...end(destination, 'in', 'the destination'),
    ...(match.destination ? [word(' by '), name(match.destination)] : []),
    word('.'),
  ];
}

/** Neither a filter nor the last run leaves any record out. */
const isAll = ({ filter, records }: Partial<DraftDefinition>): boolean =>
  records !== 'changed' && (!filter || ('all' in filter && filter.all.length === 0));

/** The sentence as plain text. */
export const plainText = (parts: readonly SentencePart[]): string => parts.map(({ text }) => text).join('');

const IMPORT_WORDS: Record<Definition['importRule'], string> = {
  create: 'create',
  update: 'update',
  createAndUpdate: 'create or update',
};

function end({ connection, object, objectName }: EndInWords, preposition: string, fallback: string): SentencePart[] {
  if (connection === null && objectName === null) return [missing(`${fallback} (not chosen yet)`)];
  const what = object ? object.label : objectName;
  return [
    ...(what === null ? [missing('an object (not chosen yet)'), word(' ')] : [name(what), word(' records ')]),
    word(`${preposition} `),
    connection === null ? missing('a connection (not chosen yet)') : name(connection),
  ];
}

/** Enough to put columns into words while the object is not known. */
const UNKNOWN: Pick<ObjectDescription, 'fields'> = { fields: [] };

function which({ filter, records }: Partial<DraftDefinition>, object: ObjectDescription | null): SentencePart[] {
  const changed = records === 'changed' ? [word(' changed since the last run')] : [];
  if (!filter || ('all' in filter && filter.all.length === 0)) return changed;
  // of the object it uses the fields alone
  const words = filterInWords(filter, (object ?? UNKNOWN) as ObjectDescription);
  return [...changed, word(' where '), name(words)];
}

function duplicates(rule: Definition['deduplicate'] | undefined, key: string | null): SentencePart[] {
  const equal = key ? `equal ${key}` : 'an equal key';
  switch (rule) {
    case 'ignoreDuplicates':
      return [word(`; leave out all with ${equal}`)];
    case 'youngestByLastUpdate':
      return [word(`; of those with ${equal} take the one updated last`)];
    case 'oldestByCreation':
      return [word(`; of those with ${equal} take the one created first`)];
    default:
      return [];
  }
}

function matchInWords(
  { match }: Partial<DraftDefinition>,
  source: ObjectDescription | null,
  destination: ObjectDescription | null,
): { source: string | null; destination: string | null } {
  const none = { defaultMatchField: null };
  const used = matchOf({ match }, source ?? none, destination ?? none);
  const labelOf = (object: ObjectDescription | null, field: string | null) =>
    object?.fields.find(({ name }) => name === field)?.label ?? field;
  return { source: labelOf(source, used.source), destination: labelOf(destination, used.destination) };
}

const clockOf = (time: string): string => time.slice(11, 16);
const dayOf = (time: string): string => formatDay(time.slice(0, 10));

function when(schedule: Schedule | undefined, status: SyncStatus): SentencePart[] {
  const parts = whenActive(schedule, status);
  const [first, ...rest] = parts;
  if (status !== 'cancelled' || !first) return parts;
  return [
    word('Until it was cancelled: '),
    { ...first, text: first.text.replace(/^./, (letter) => letter.toLowerCase()) },
    ...rest,
  ];
}

function whenActive(schedule: Schedule | undefined, status: SyncStatus): SentencePart[] {
  // what was activated without a schedule has applied a preview
  if (!schedule) return [status === 'draft' ? missing('At a time not chosen yet') : word(AS_PREVIEWED)];
  if (schedule.type === 'now')
    return [word(status === 'completed' ? 'Once, on activation' : 'Once, as soon as it is activated')];
  const zone = schedule.timeZone === undefined ? '' : ` ${schedule.timeZone}`;
  if (schedule.type === 'once') {
    return [word('Once, on '), name(`${dayOf(schedule.at)} at ${clockOf(schedule.at)}${zone}`)];
  }
  const { amount, unit } = schedule.every;
  const every = amount === 1 ? `Every ${unit}` : `Every ${amount} ${unit}s`;
  const keepsClock = TIME_UNITS.indexOf(unit) >= TIME_UNITS.indexOf('day');
  const at = keepsClock ? [word(' at '), name(`${clockOf(schedule.start)}${zone}`)] : [];
  const until = schedule.end === undefined ? [] : [word(' until '), name(dayOf(schedule.end))];
  return [name(every), ...at, word(' from '), name(dayOf(schedule.start)), ...until];
}
