import { useDeferredValue, useMemo } from 'react';
import { unmappedRequired } from '../../../../domain/check-definition';
import type { DefinitionProblem, ImportRule } from '../../../../domain/definition';
import type { FieldDescription } from '../../../../domain/object-description';
import type { Example } from '../api';
import { doubtsOf } from '../lib/doubts';
import { type MappingRow, mappingOfRow } from '../lib/sync-form';
import { triable } from '../lib/try-mapping';
import { useEditor } from './editor-context';

/** What can be tried: the mapping alone, once it is complete. */
export function useTried(row: MappingRow) {
  const { form, source, destination } = useEditor();
  const { blankValues } = form;
  const timeZone = form.schedule.timeZone || 'UTC';
  return useMemo(() => {
    const mapping = mappingOfRow(row);
    if (!mapping || !source.object || !destination.object) return null;
    return triable(mapping, { source: source.object, destination: destination.object, blankValues, timeZone });
  }, [row, blankValues, timeZone, source.object, destination.object]);
}

/** Whether no record can be created without a field; where none is created, none is needed. */
export const isNeeded = ({ required, createable }: FieldDescription, importRule: ImportRule): boolean =>
  importRule !== 'update' && required && createable;

/** The keys of the rows of which some examples would be refused. */
export function useDoubtful(examples: readonly Example[]): ReadonlySet<string> {
  const { form, source, destination } = useEditor();
  const { blankValues, importRule } = form;
  const timeZone = form.schedule.timeZone || 'UTC';
  // to try all rows takes longer than a key that is pressed may
  const rows = useDeferredValue(form.mappings);
  return useMemo(() => {
    if (!source.object || !destination.object) return new Set();
    const context = { source: source.object, destination: destination.object, blankValues, timeZone };
    const needed = new Set(
      destination.object.fields.filter((field) => isNeeded(field, importRule)).map(({ name }) => name),
    );
    const isDoubtful = (row: MappingRow) => {
      const mapping = mappingOfRow(row);
      const tried = mapping && triable(mapping, context);
      const { refused, blanks } = doubtsOf(tried ? examples.map(({ values }) => tried(values)) : []);
      return refused.length > 0 || (blanks > 0 && needed.has(row.to));
    };
    return new Set(rows.filter(isDoubtful).map(({ key }) => key));
  }, [rows, examples, source.object, destination.object, blankValues, importRule, timeZone]);
}

/** What is wrong with a mapping, and what the server has said of it. @param key of its row */
export function useRowProblems(key: string): DefinitionProblem[] {
  const { problems, told } = useEditor();
  return problemsOf([...told, ...problems], `rows.${key}`);
}

/** Each problem of a row once, whoever tells it. */
function problemsOf(all: readonly DefinitionProblem[], path: string): DefinitionProblem[] {
  const own = all.filter((problem) => problem.path === path || problem.path.startsWith(`${path}.`));
  return own.filter(({ message }, index) => own.findIndex((other) => other.message === message) === index);
}

/** Fields that the destination requires of a new record, and that no row names. */
export function useUnmappedRequired(): FieldDescription[] {
  const { form, source, destination } = useEditor();
  if (!source.object || !destination.object) return [];
  return unmappedRequired({ ...form, match: form.match ?? undefined }, source.object, destination.object);
}
