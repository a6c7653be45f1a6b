import { Select, type SelectProps } from '@mantine/core';
import type { FieldDescription } from '../../../../domain/object-description';
import { fieldOptions } from '../lib/field-options';
import { byRank } from '../lib/ranked-options';
import { FieldOption } from './field-option';

interface FieldSelectProps extends Omit<SelectProps, 'data' | 'value' | 'onChange' | 'renderOption'> {
  fields: readonly FieldDescription[];
  /** Empty while nothing is chosen. */
  value: string;
  onChange(name: string): void;
  /** Choices besides the fields, below them. */
  more?: readonly { value: string; label: string }[];
  /** The field is written to. */
  isWritten?: boolean;
}

/** One of an object's fields, found by label or API name. */
export function FieldSelect({ fields, value, onChange, more = [], isWritten = false, ...rest }: FieldSelectProps) {
  return (
    <Select
      searchable
      filter={byRank}
      placeholder="Choose a field"
      data={[...fieldOptions(fields, value), ...more]}
      renderOption={({ option }) => (
        <FieldOption
          field={fields.find(({ name }) => name === option.value)}
          text={option.label}
          isWritten={isWritten}
        />
      )}
      value={value || null}
      onChange={(name) => onChange(name ?? '')}
      nothingFoundMessage="There is no such field."
      allowDeselect={false}
      // many of them are on a page, each with hundreds of fields
      comboboxProps={{ keepMounted: false }}
      {...rest}
    />
  );
}
