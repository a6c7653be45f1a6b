import { Anchor, Autocomplete, Box, Combobox, Text } from '@mantine/core';
import { useState } from 'react';
import { trimBlanks } from '../../../../domain/blank';
import { afterPress } from '../../../lib/after-press';
import { fittingValues, isUnknown, NO_SUGGESTION, suggestedValues } from '../lib/suggested-values';
import type { KnownValues } from '../state/use-known-values';

interface TextValueProps {
  label: string;
  known: KnownValues;
  value: string;
  onChange(value: string): void;
  isWrong: boolean;
}

/** One text of a condition. Blanks around what is typed are no part of it, unless somebody wants them; either is said. */
export function TextValue({ label, known, value, onChange, isWrong }: TextValueProps) {
  const { shown, type, leave, note } = useOuterBlanks(value, known.values, onChange);
  const told = isUnknown(known.values, shown) ? NO_SUGGESTION : known.told;
  return (
    <Box flex={1} miw={0}>
      <Autocomplete
        aria-label={label}
        placeholder="Value"
        error={isWrong}
        data={suggestedValues(known)}
        filter={fittingValues}
        rightSection={known.values.length > 0 ? <Combobox.Chevron /> : null}
        rightSectionPointerEvents="none"
        value={shown}
        onChange={type}
        onBlur={leave}
        comboboxProps={{ keepMounted: false }}
      />
      {!note && told !== null && (
        <Text size="xs" c="dimmed" mt={4} role="status">
          {told}
        </Text>
      )}
      {note && (
        <Text size="xs" c="dimmed" mt={4} role="status">
          {note.words}{' '}
          <Anchor component="button" type="button" size="xs" underline="always" onClick={note.act}>
            {note.action}
          </Anchor>
        </Text>
      )}
    </Box>
  );
}

const hasOuterBlanks = (text: string): boolean => trimBlanks(text) !== text;

function useOuterBlanks(value: string, known: readonly string[], onChange: (value: string) => void) {
  /** As it is being typed; null while it is not. */
  const [typed, setTyped] = useState<string | null>(null);
  /** With the blanks that were left out. */
  const [given, setGiven] = useState<string | null>(null);
  const [isKept, setIsKept] = useState(hasOuterBlanks(value));
  const type = (text: string) => {
    setTyped(text);
    setGiven(null);
    onChange(isKept || known.includes(text) ? text : trimBlanks(text));
  };
  const leave = () =>
    afterPress(() => {
      setTyped(null);
      if (typed !== null && typed !== value && value !== '') setGiven(typed);
      setIsKept(hasOuterBlanks(value));
    });
  const decide = (text: string) => {
    setGiven(null);
    setIsKept(hasOuterBlanks(text));
    onChange(text);
  };
  const wereLeftOut = given !== null && trimBlanks(given) === value;
  const note = wereLeftOut
    ? { words: 'Spaces around the value were left out.', action: 'Keep them', act: () => decide(given) }
    : typed === null && hasOuterBlanks(value)
      ? {
          words: 'There are spaces around the value.',
          action: 'Leave them out',
          act: () => decide(trimBlanks(value)),
        }
      : null;
  return { shown: typed ?? value, type, leave, note };
}
