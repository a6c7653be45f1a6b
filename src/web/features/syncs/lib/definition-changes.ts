import type { DraftDefinition, Mapping } from '../../../../domain/definition';
import type { Endpoint, ObjectOf } from '../../connections/names';
import { type MemberInWords, mappingInWords, PLAIN, rulesInWords } from './definition-words';

/** What has become of a member from one version to the next, in words; null where it was not there, or is not any more. */
export interface Change {
  /** What tells it from others whose labels are the same. */
  key: string;
  label: string;
  before: string | null;
  after: string | null;
}

/** A version as far as its differences to another one go. */
export interface ComparedVersion {
  definition: DraftDefinition;
  scheduleText: string | null;
}

/** How ends and fields are called. */
export interface Wording {
  endInWords(end: Endpoint | undefined): string;
  objectOf: ObjectOf;
}

/**
 * What is different between two versions, by member, in the order of the pages on which they are chosen. A member whose words are the same
 * although it is not is told too.
 */
export function changesBetween(before: ComparedVersion, after: ComparedVersion, wording: Wording): Change[] {
  const [old, present] = [membersOf(before, wording), membersOf(after, wording)];
  const keys = new Set([...present.keys(), ...old.keys()]);
  return [...keys].flatMap((key) => {
    const [was, is] = [old.get(key), present.get(key)];
    const label = (is ?? was)?.label ?? key;
    if (was && is && was.text === is.text) {
      return isSame(was.value, is.value) ? [] : [{ key, label, before: was.text, after: `${is.text} (other values)` }];
    }
    return [{ key, label, before: was?.text ?? null, after: is?.text ?? null }];
  });
}

function membersOf(
  { definition, scheduleText }: ComparedVersion,
  { endInWords, objectOf }: Wording,
): Map<string, MemberInWords> {
  const { name, description, source, destination, schedule, mappings = [] } = definition;
  const members: (MemberInWords | false)[] = [
    { label: 'Name', text: name },
    Boolean(description) && { label: 'Description', text: description ?? '' },
    { label: 'Source', text: endInWords(source), value: source },
    { label: 'Destination', text: endInWords(destination), value: destination },
    ...rulesInWords(definition, objectOf),
    ...mappings.map((mapping) => mappingOf(mapping, definition, objectOf)),
    schedule !== undefined && { label: 'Schedule', text: scheduleText ?? 'not complete', value: schedule },
  ];
  return new Map(members.flatMap((member) => (member ? [[member.key ?? member.label, member]] : [])));
}

/** A destination field can be mapped twice while it is written: the later one is told. */
function mappingOf(mapping: Mapping, definition: DraftDefinition, objectOf: ObjectOf): MemberInWords {
  const { from, to, how } = mappingInWords(mapping, definition, objectOf);
  return {
    key: `mapping ${mapping.to}`,
    label: `Mapping to ${to}`,
    text: [from, how].filter((part) => part !== '' && !PLAIN.includes(part)).join('; '),
    value: mapping,
  };
}

/** Members are of JSON, whose order says nothing. */
const isSame = (one: unknown, other: unknown): boolean => sorted(one) === sorted(other);
const sorted = (value: unknown): string | undefined =>
  JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
