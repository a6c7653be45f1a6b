import { Autocomplete, NumberInput, Select, TextInput } from '@mantine/core';
import type { FieldDescription } from '../../../../domain/object-description';
import type { Scalar } from '../lib/sync-form';

interface ValueInputProps {
  label: string;
  /** Shows the label above; otherwise it is for screen readers. */
  isLabelShown?: boolean;
  /** The field that takes the value. */
  field: FieldDescription | undefined;
  value: Scalar;
  onChange(value: Scalar): void;
  isWrong?: boolean;
}

/** One value for a field, entered as its type asks. */
export function ValueInput({ label, isLabelShown = false, field, value, onChange, isWrong = false }: ValueInputProps) {
  const common = {
    ...(isLabelShown ? { label } : { 'aria-label': label }),
    error: isWrong,
    flex: 1,
    placeholder: 'Value',
  };
  if (field?.type === 'boolean') {
    return (
      <Select
        {...common}
        data={['true', 'false']}
        value={value === null || value === '' ? null : String(value)}
        onChange={(chosen) => onChange(chosen === null ? null : chosen === 'true')}
        allowDeselect={false}
      />
    );
  }
  if (field?.type === 'integer' || field?.type === 'number') {
    return (
      <NumberInput
        {...common}
        value={typeof value === 'boolean' || value === null ? '' : value}
        onChange={(entered) => onChange(entered === '' ? null : entered)}
        allowDecimal={field.type === 'number'}
      />
    );
  }
  if (field && field.picklistValues.length > 0) {
    return (
      <Autocomplete
        {...common}
        data={[...new Set(field.picklistValues.map((entry) => entry.value))]}
        value={value === null ? '' : String(value)}
        onChange={onChange}
      />
    );
  }
  return (
    <TextInput
      {...common}
      value={value === null ? '' : String(value)}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
