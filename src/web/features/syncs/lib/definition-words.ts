import type { DraftDefinition, Mapping } from '../../../../domain/definition';
import { filterInWords } from '../../../../domain/filter-words';
import { matchOf } from '../../../../domain/match';
import type { ObjectDescription } from '../../../../domain/object-description';
import { counted, formatNumber } from '../../../lib/format';
import type { Endpoint, ObjectOf } from '../../connections/names';
import { shorteningInWords } from '../../sync-editor/lib/quick-fix';

/** A member of a definition as people know it. */
export interface MemberInWords {
  /** What tells it from others whose labels are the same; the label itself where it is left out. */
  key?: string;
  label: string;
  text: string;
  /** In full, where the words leave out what is long. */
  value?: unknown;
}

/** One line of a value table. */
export interface ValueEntry {
  value: string;
  becomes: string;
}

/** The ends whose labels the words of a definition use. */
export const endsOf = ({ source, destination, mappings = [] }: DraftDefinition): (Endpoint | undefined)[] => [
  source,
  destination,
  ...mappings.map((mapping) => lookedUp(mapping, destination)),
];

/** Where a mapping looks a record up. */
const lookedUp = ({ lookup }: Mapping, destination: Endpoint | undefined): Endpoint | undefined =>
  lookup && destination && { connectionId: destination.connectionId, object: lookup.object };

/** A field as people know it; by its name where the object is not known. */
export const labelOf = (object: ObjectDescription | null, name: string): string =>
  object?.fields.find((field) => field.name === name)?.label ?? name;

/** Of an object that is not known the names of columns stand for their labels. */
const WITHOUT_LABELS = { fields: [] as ObjectDescription['fields'] } as ObjectDescription;

const DEDUPLICATE_WORDS: Record<NonNullable<DraftDefinition['deduplicate']>, string> = {
  importEverything: 'Import everything',
  ignoreDuplicates: 'Ignore all duplicates and do not import',
  youngestByLastUpdate: 'Choose youngest record by last update date',
  oldestByCreation: 'Choose oldest record by creation date',
};

const IMPORT_WORDS: Record<NonNullable<DraftDefinition['importRule']>, string> = {
  create: 'create only',
  update: 'update only',
  createAndUpdate: 'create and update',
};

/** Every rule of a definition, without those that do nothing. */
export function rulesInWords(definition: DraftDefinition, objectOf: ObjectOf): MemberInWords[] {
  const { filter, match, records, schedule, stopAfterFailures, firstRun, salesforce } = definition;
  const [source, destination] = [objectOf(definition.source), objectOf(definition.destination)];
  const rules: [label: string, text: string | false | undefined, value?: unknown][] = [
    ['Filter', filter ? filterInWords(filter, source ?? WITHOUT_LABELS) : 'none, all records are read', filter],
    [
      'Records',
      records === 'changed'
        ? 'only what changed since the last successful execution'
        : schedule?.type === 'interval' && 'all that the filter selects, in every execution',
    ],
    ['Deduplicate Contact Rule', DEDUPLICATE_WORDS[definition.deduplicate ?? 'importEverything']],
    ['Import Rule', IMPORT_WORDS[definition.importRule ?? 'createAndUpdate']],
    ['Match by', matchInWords(match, source, destination)],
    ['Blank values', `${definition.blankValues === 'clear' ? 'clear' : 'keep'} what the destination has`],
    [
      'Stop rule',
      stopAfterFailures &&
        `stops when more than ${stopAfterFailures.percent}% of the last ${formatNumber(stopAfterFailures.of)} records failed`,
    ],
    ['First run', firstRun && `loads ${counted(firstRun.records, 'record')} and waits for you`],
    ['Assignment rules', salesforce?.assignmentRules && 'Salesforce runs them'],
    [
      'Duplicate rules of Salesforce',
      salesforce?.allowDuplicates && 'records are saved that alert-only ones would report',
    ],
  ];
  return rules.flatMap(([label, text, value]) => (text ? [{ label, text, value }] : []));
}

/** By which fields records are recognised, in the labels of the two objects. */
function matchInWords(
  match: DraftDefinition['match'],
  source: ObjectDescription | null,
  destination: ObjectDescription | null,
): string {
  const none = { defaultMatchField: null };
  const used = matchOf({ match }, source ?? none, destination ?? none);
  if (!used.source || !used.destination) return 'the default of the objects (e-mail for people)';
  const words = `${labelOf(source, used.source)} with ${labelOf(destination, used.destination)}`;
  return match ? words : `${words} (the default)`;
}

/** Where a mapping takes its values from, where it puts them, what it does with a value on its way, and its value table, if it has one. */
export function mappingInWords(
  mapping: Mapping,
  { source, destination }: Pick<DraftDefinition, 'source' | 'destination'>,
  objectOf: ObjectOf,
): { from: string; isField: boolean; to: string; how: string; values: ValueEntry[] } {
  return {
    from: sourceInWords(mapping, objectOf(source)),
    isField: 'field' in mapping.from,
    to: labelOf(objectOf(destination), mapping.to),
    how: howInWords(mapping, objectOf(lookedUp(mapping, destination))),
    // the database keeps no order of them
    values: Object.entries(mapping.values ?? {})
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([value, becomes]) => ({
        value,
        becomes: becomes === null ? 'blank' : String(becomes),
      })),
  };
}

function sourceInWords({ from }: Mapping, source: ObjectDescription | null): string {
  if ('field' in from) return labelOf(source, from.field);
  if ('constant' in from) return `the constant ${from.constant === null ? 'blank' : `"${from.constant}"`}`;
  return shorteningInWords(from.expression, source?.fields ?? []) ?? `the expression ${from.expression}`;
}

const OTHERWISE_WORDS = { pass: 'others stay', blank: 'others become blank', fail: 'others fail' } as const;
const MISSING_WORDS = {
  fail: 'else the record fails',
  blank: 'else blank',
  skip: 'else the record is skipped',
} as const;

/** What becomes of a value where nothing is done with it on its way. */
function plainly({ from }: Mapping): string {
  if ('field' in from) return AS_IT_IS;
  return 'constant' in from ? SAME : COMPUTED;
}

const AS_IT_IS = 'As it is';
const SAME = 'The same in every record';
const COMPUTED = 'Computed for each record';
/** What `how` of a mapping says where it does nothing with a value. */
export const PLAIN: readonly string[] = [AS_IT_IS, SAME, COMPUTED];

function howInWords(mapping: Mapping, found: ObjectDescription | null): string {
  const { values, otherwise = 'pass', lookup, default: fallback, blankValues } = mapping;
  const parts = [
    values &&
      `Value table with ${counted(Object.keys(values).length, 'entry', 'entries')}, ${OTHERWISE_WORDS[otherwise]}`,
    lookup &&
      `Finds ${found?.label ?? lookup.object} by ${labelOf(found, lookup.by)}, ${MISSING_WORDS[lookup.missing]}`,
    fallback !== undefined && fallback !== null && `"${fallback}" where it is blank`,
    blankValues && `Blank values ${blankValues}`,
  ];
  return parts.filter((part) => typeof part === 'string').join('; ') || plainly(mapping);
}
