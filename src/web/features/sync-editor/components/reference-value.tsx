import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { FieldDescription } from '../../../../domain/object-description';
import { useRecordsNamed } from '../api';
import { referenceOptions } from '../lib/reference-options';
import { useEditor } from '../state/editor-context';

const AFTER_TYPING_MS = 300;

interface ReferenceValueProps {
  label: string;
  field: FieldDescription;
  value: string;
  onChange(value: string): void;
  isWrong: boolean;
}

/** The Id of a record that a field refers to, found by a part of the record's name; an Id can be entered as well. */
export function ReferenceValue({ label, field, value, onChange, isWrong }: ReferenceValueProps) {
  const { form } = useEditor();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), AFTER_TYPING_MS);
  const [isOpen, setIsOpen] = useState(false);
  const [object = ''] = field.referenceTo;
  const { data: records = [], isFetching } = useRecordsNamed({ ...form.source, object }, search, isOpen);
  return (
    <Select
      aria-label={label}
      placeholder={`Search ${object} by name, or enter an Id`}
      searchable
      flex={1}
      error={isWrong}
      data={referenceOptions(records, { value, typed })}
      // the system has searched already
      filter={({ options }) => options}
      value={value === '' ? null : value}
      onChange={(chosen) => onChange(chosen ?? '')}
      onSearchChange={setTyped}
      onDropdownOpen={() => setIsOpen(true)}
      onDropdownClose={() => setIsOpen(false)}
      nothingFoundMessage={isFetching ? 'Searching…' : 'No record with that name.'}
      clearable
      clearButtonProps={{ 'aria-label': 'Clear the value' }}
    />
  );
}
