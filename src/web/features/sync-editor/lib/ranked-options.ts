import type { ComboboxItem, OptionsFilter } from '@mantine/core';
import { folded } from '../../../lib/folded';

type Fits = (text: string, wanted: string) => boolean;
const isWhole: Fits = (text, wanted) => text === wanted;
const begins: Fits = (text, wanted) => text.startsWith(wanted);
const hasWord: Fits = (text, wanted) => ` ${text}`.includes(` ${wanted}`);
const contains: Fits = (text, wanted) => text.includes(wanted);

/** From the best fit to the least; what fits none of them is not found. */
const FITS: readonly ((texts: Texts, wanted: string) => boolean)[] = [
  ({ label, name }, wanted) => [...label, ...name].some((text) => isWhole(text, wanted)),
  ...[begins, hasWord, contains].map(
    (fits) =>
      ({ label }: Texts, wanted: string) =>
        label.some((text) => fits(text, wanted)),
  ),
  ...[begins, hasWord, contains].map(
    (fits) =>
      ({ name }: Texts, wanted: string) =>
        name.some((text) => fits(text, wanted)),
  ),
];

/**
 * What of a list is found, the best fit first: what is called just so, then by the label, then by the API name: what begins so, what has a
 * word that begins so, and the rest. Among equals the order of the list stays. Accents do not matter.
 */
export function rankedOptions<Option extends ComboboxItem>(options: readonly Option[], search: string): Option[] {
  const wanted = folded(search.trim());
  if (wanted === '') return [...options];
  const ranked = options.map((option) => {
    const texts = textsOf(option);
    return { option, rank: FITS.findIndex((fits) => fits(texts, wanted)) };
  });
  return FITS.flatMap((_fits, at) => ranked.filter(({ rank }) => rank === at).map(({ option }) => option));
}

interface Texts {
  label: string[];
  name: string[];
}

/** `Billing Country (billingCountry)` is found by its whole, its label and its name, and by the words of both. */
function textsOf({ value, label }: ComboboxItem): Texts {
  const name = ` (${value})`;
  const alone = label.endsWith(name) ? label.slice(0, -name.length) : label;
  return { label: [alone, wordsOf(alone)].map(folded), name: [value, wordsOf(value), label].map(folded) };
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
