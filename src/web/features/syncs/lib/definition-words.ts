import type { DraftDefinition, Mapping } from '../../../../domain/definition';
import { filterInWords } from '../../../../domain/filter-words';
import type { ObjectDescription } from '../../../../domain/object-description';
import { counted, formatNumber } from '../../../lib/format';

/** A member of a definition as people know it. */
export interface MemberInWords {
  label: string;
  text: string;
  /** In full, where the words leave out what is long. */
  value?: unknown;
}

/** Names of columns stand for their labels, for which the vendor would have to be asked. */
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
export function rulesInWords(definition: DraftDefinition): MemberInWords[] {
  const { filter, match, records, stopAfterFailures, firstRun, salesforce } = definition;
  const rules: [label: string, text: string | false | undefined, value?: unknown][] = [
    ['Filter', filter ? filterInWords(filter, WITHOUT_LABELS) : 'none, all records are read', filter],
    ['Records', records === 'changed' && 'only what changed since the last successful execution'],
    ['Deduplicate Contact Rule', DEDUPLICATE_WORDS[definition.deduplicate ?? 'importEverything']],
    ['Import Rule', IMPORT_WORDS[definition.importRule ?? 'createAndUpdate']],
    [
      'Match by',
      match ? `${match.source} with ${match.destination}` : 'the default of the objects (e-mail for people)',
    ],
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

/** Where a mapping takes its values from. */
export function sourceInWords({ from }: Mapping): string {
  if ('field' in from) return from.field;
  if ('constant' in from) return `the constant ${from.constant === null ? 'blank' : `"${from.constant}"`}`;
  return `the expression ${from.expression}`;
}

const OTHERWISE_WORDS = { pass: 'others stay', blank: 'others become blank', fail: 'others fail' } as const;
const MISSING_WORDS = {
  fail: 'else the record fails',
  blank: 'else blank',
  skip: 'else the record is skipped',
} as const;

/** What a mapping does with a value on its way. */
export function howInWords({ values, otherwise = 'pass', lookup, default: fallback, blankValues }: Mapping): string {
  const parts = [
    values &&
      `Value table with ${counted(Object.keys(values).length, 'entry', 'entries')}, ${OTHERWISE_WORDS[otherwise]}`,
    lookup && `Finds ${lookup.object} by ${lookup.by}, ${MISSING_WORDS[lookup.missing]}`,
    fallback !== undefined && fallback !== null && `"${fallback}" where it is blank`,
    blankValues && `Blank values ${blankValues}`,
  ];
  return parts.filter((part) => typeof part === 'string').join('; ') || 'As it is';
}
