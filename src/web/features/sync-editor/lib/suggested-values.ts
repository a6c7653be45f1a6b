import type { ComboboxItem, OptionsFilter } from '@mantine/core';
import { trimBlanks } from '../../../../domain/blank';
import { folded } from '../../../lib/folded';
import type { KnownValues } from '../state/use-known-values';

/** Said where nothing that is suggested fits what is typed. */
export const NO_SUGGESTION = 'No suggestion; used as typed.';

/** Values for a list to choose from; where they come from stands at its head. */
export const suggestedValues = ({ values, told }: Pick<KnownValues, 'values' | 'told'>) =>
  told === null || values.length === 0 ? values : [{ group: told, items: values }];

const isFound = (value: string, search: string): boolean => folded(value).includes(folded(trimBlanks(search)));

/** Whether something is typed that nothing in the list has in it. */
export const isUnknown = (values: readonly string[], search: string): boolean =>
  trimBlanks(search) !== '' && values.length > 0 && !values.some((value) => isFound(value, search));

/** What has what is typed in it; all where that is one of them: then it was chosen, and may give way to another. */
export const fittingValues: OptionsFilter = ({ options, search }) => {
  const fitting = (items: ComboboxItem[]) =>
    items.some(({ label }) => label.toLowerCase() === trimBlanks(search).toLowerCase())
      ? items
      : items.filter(({ label }) => isFound(label, search));
  const items = options.filter((option): option is ComboboxItem => 'value' in option);
  const groups = options.flatMap((option) =>
    'group' in option ? [{ ...option, items: fitting(option.items as ComboboxItem[]) }] : [],
  );
  return [...groups, ...fitting(items)];
};
