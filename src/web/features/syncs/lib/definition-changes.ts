import type { DraftDefinition, Mapping } from '../../../../domain/definition';
import { howInWords, type MemberInWords, rulesInWords, sourceInWords } from './definition-words';

/** What has become of a member from one version to the next, in words; null where it was not there, or is not any more. */
export interface Change {
  label: string;
  before: string | null;
  after: string | null;
}

/** A version as far as its differences to another one go. */
export interface ComparedVersion {
  definition: DraftDefinition;
  scheduleText: string | null;
}

type EndInWords = (end: DraftDefinition['source']) => string;

/**
 * What is different between two versions, by member, in the order of the pages on which they are chosen. A member whose words are the same
 * although it is not is told too.
 */
export function changesBetween(before: ComparedVersion, after: ComparedVersion, endInWords: EndInWords): Change[] {
  const [old, present] = [membersOf(before, endInWords), membersOf(after, endInWords)];
  const labels = new Set([...present.keys(), ...old.keys()]);
  return [...labels].flatMap((label) => {
    const [was, is] = [old.get(label), present.get(label)];
    if (was && is && was.text === is.text) {
      return isSame(was.value, is.value) ? [] : [{ label, before: was.text, after: `${is.text} (other values)` }];
    }
    return [{ label, before: was?.text ?? null, after: is?.text ?? null }];
  });
}

function membersOf({ definition, scheduleText }: ComparedVersion, endInWords: EndInWords): Map<string, MemberInWords> {
  const { name, description, source, destination, schedule, mappings = [] } = definition;
  const members: (MemberInWords | false)[] = [
    { label: 'Name', text: name },
    Boolean(description) && { label: 'Description', text: description ?? '' },
    { label: 'Source', text: endInWords(source), value: source },
    { label: 'Destination', text: endInWords(destination), value: destination },
    ...rulesInWords(definition),
    ...mappings.map(mappingOf),
    schedule !== undefined && { label: 'Schedule', text: scheduleText ?? 'not complete', value: schedule },
  ];
  return new Map(members.flatMap((member) => (member ? [[member.label, member]] : [])));
}

/** A destination field can be mapped twice while it is written: the later one is told. */
const mappingOf = (mapping: Mapping): MemberInWords => ({
  label: `Mapping to ${mapping.to}`,
  text: [sourceInWords(mapping), howInWords(mapping)].filter((part) => part !== 'As it is').join('; '),
  value: mapping,
});

/** Members are of JSON, whose order says nothing. */
const isSame = (one: unknown, other: unknown): boolean => sorted(one) === sorted(other);
const sorted = (value: unknown): string | undefined =>
  JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
