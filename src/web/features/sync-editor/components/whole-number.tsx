import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useState } from 'react';

interface WholeNumberProps extends Omit<NumberInputProps, 'value' | 'onChange' | 'min'> {
  value: number;
  onChange(value: number): void;
}

/** A number from 1 on. While one types the field may be empty; whoever leaves it so finds what it was before. */
export function WholeNumber({ value, onChange, error, onBlur, ...rest }: WholeNumberProps) {
  const [isEmpty, setIsEmpty] = useState(false);
  return (
    <NumberInput
      {...rest}
      min={1}
      allowDecimal={false}
      allowNegative={false}
      value={isEmpty ? '' : value}
      onChange={(typed) => {
        const given = Number(typed);
        setIsEmpty(!(given >= 1));
        if (given >= 1) onChange(given);
      }}
      onBlur={(event) => {
        setIsEmpty(false);
        onBlur?.(event);
      }}
      error={isEmpty ? 'Give a number from 1 on.' : error}
    />
  );
}
