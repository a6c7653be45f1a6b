import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useState } from 'react';

interface FilledNumberProps extends Omit<NumberInputProps, 'value' | 'onChange' | 'min'> {
  min: number;
  value: number;
  onChange(value: number): void;
}

/** A number that is never missing. While one types the field may be empty; whoever leaves it so finds what it was before. */
export function FilledNumber({ min, value, onChange, error, onBlur, ...rest }: FilledNumberProps) {
  const [typed, setTyped] = useState<string | number>(value);
  const isNumber = (given: string | number) => given !== '' && Number(given) >= min;
  const isEmpty = !isNumber(typed);
  // "0." is on its way to another number
  const shown = Number(typed) === value ? typed : value;
  return (
    <NumberInput
      {...rest}
      min={min}
      allowNegative={false}
      value={isEmpty ? '' : shown}
      onChange={(given) => {
        setTyped(given);
        if (isNumber(given)) onChange(Number(given));
      }}
      onBlur={(event) => {
        setTyped(value);
        onBlur?.(event);
      }}
      error={isEmpty ? `Give a number from ${min} on.` : error}
    />
  );
}

/** The same of numbers from 1 on. */
export const WholeNumber = (props: Omit<FilledNumberProps, 'min'>) => (
  <FilledNumber {...props} min={1} allowDecimal={false} />
);
