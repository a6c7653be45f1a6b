import type { ComboboxItem, OptionsFilter } from '@mantine/core';

/** From the best fit to the least; what fits none of them is not found. */
const FITS: readonly ((text: string, wanted: string) => boolean)[] = [
  (text, wanted) => text === wanted,
  (text, wanted) => text.startsWith(wanted),
  (text, wanted) => ` ${text}`.includes(` ${wanted}`),
  (text, wanted) => text.includes(wanted),
];

/**
 * What of a list is found, the best fit first: what is called just so, what begins so, what has a word that begins so, and the rest. Among
 * equals the order of the list stays. Label and API name count alike.
 */
export function rankedOptions<Option extends ComboboxItem>(options: readonly Option[], search: string): Option[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return [...options];
  const ranked = options.map((option) => {
    const texts = textsOf(option);
    return { option, rank: FITS.findIndex((fits) => texts.some((text) => fits(text, wanted))) };
  });
  return FITS.flatMap((_fits, at) => ranked.filter(({ rank }) => rank === at).map(({ option }) => option));
}

/** `Billing Country (billingCountry)` is found by its whole, its label and its name, and by the words of both. */
function textsOf({ value, label }: ComboboxItem): string[] {
  const name = ` (${value})`;
  const alone = label.endsWith(name) ? label.slice(0, -name.length) : label;
  return [label, alone, value, wordsOf(alone), wordsOf(value)].map((text) => text.toLowerCase());
}

/** `billingCountry`, `Billing_Country__c` → `billing Country`, `Billing Country c` */
const wordsOf = (text: string): string =>
  text
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The same as the lists of the kit want it; groups of options are not used. */
export const byRank: OptionsFilter = ({ options, search, limit }) =>
  rankedOptions(
    options.filter((option) => 'value' in option),
    search,
  ).slice(0, limit);
