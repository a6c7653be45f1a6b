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
  /** Names of fields that are chosen elsewhere already. */
  taken?: ReadonlySet<string>;
}

/** One of an object's fields, found by label or API name. */
export function FieldSelect({
  fields,
  value,
  onChange,
  more = [],
  isWritten = false,
  taken,
  ...rest
}: FieldSelectProps) {
  // what is free comes first
  const isTaken = (name: string) => name !== value && taken?.has(name) === true;
  const options = fieldOptions(fields, value);
  const data = [
    ...options.filter((option) => !isTaken(option.value)),
    ...options.filter((option) => isTaken(option.value)),
    ...more,
  ];
  return (
    <Select
      searchable
      // a long name is cut where there is no room for it
      title={data.find((option) => option.value === value)?.label}
      filter={byRank}
      placeholder="Choose a field"
      data={data}
      renderOption={({ option }) => (
        <FieldOption
          field={fields.find(({ name }) => name === option.value)}
          text={option.label}
          isWritten={isWritten}
          isTaken={isTaken(option.value)}
        />
      )}
      value={value || null}
      onChange={(name) => onChange(name ?? '')}
      maxDropdownHeight={380}
      nothingFoundMessage="No field matches."
      allowDeselect={false}
      // many of them are on a page, each with hundreds of fields
      comboboxProps={{ keepMounted: false }}
      {...rest}
    />
  );
}
