import { Group, NativeSelect, NumberInput, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type AmountOfTime, TIME_UNITS } from '../../../../domain/definition';
import type { FieldDescription } from '../../../../domain/object-description';
import { afterPress } from '../../../lib/after-press';
import { counted } from '../../../lib/format';
import type { ValueShape } from '../lib/filter-operators';
import { pastedInWords, pastedList, typedList } from '../lib/pasted-list';
import { fittingValues, suggestedValues } from '../lib/suggested-values';
import { useEditor } from '../state/editor-context';
import { useKnownValues } from '../state/use-known-values';
import { ReferenceValue } from './reference-value';
import { TextValue } from './text-value';
import { WholeNumber } from './whole-number';

interface FilterValueProps {
  field: FieldDescription;
  shape: ValueShape;
  value: unknown;
  onChange(value: unknown): void;
  isWrong: boolean;
}

/** The value of a condition, entered as column and operator ask. */
export function FilterValue(props: FilterValueProps) {
  const { field, shape } = props;
  // a calendar day has no zone, but for what "today" is
  const hasZone = field.type === 'datetime' ? shape !== 'none' : field.type === 'date' && shape === 'amount';
  return (
    <>
      <ValueOfShape {...props} />
      {hasZone && <ZoneOfDates />}
    </>
  );
}

/** By whose calendar days are meant; the zone is that of the schedule. */
function ZoneOfDates() {
  const { form } = useEditor();
  return (
    <Text size="xs" c="dimmed">
      Days as in {form.schedule.timeZone || 'UTC'}, the time zone of the schedule.
    </Text>
  );
}

function ValueOfShape({ field, shape, value, onChange, isWrong }: FilterValueProps) {
  switch (shape) {
    case 'none':
      return null;
    case 'list':
      return <ListValue field={field} values={value as (string | number)[]} onChange={onChange} isWrong={isWrong} />;
    case 'range': {
      const [from, to] = value as unknown[];
      return (
        <Group gap="xs">
          <OneValue
            label="Value: from"
            field={field}
            value={from}
            onChange={(next) => onChange([next, to])}
            isWrong={isWrong}
          />
          <Text size="sm">and</Text>
          <OneValue
            label="Value: to"
            field={field}
            value={to}
            onChange={(next) => onChange([from, next])}
            isWrong={isWrong}
          />
        </Group>
      );
    }
    case 'amount':
      return <AmountValue value={value as AmountOfTime} onChange={onChange} />;
    case 'one':
      return <OneValue label="Value" field={field} value={value} onChange={onChange} isWrong={isWrong} />;
  }
}

interface OneValueProps {
  label: string;
  field: FieldDescription;
  value: unknown;
  onChange(value: unknown): void;
  isWrong: boolean;
}

/** A point in time with a clock and a zone, as the API may have been given it. */
const hasClock = (text: string): boolean => text.includes('T');

function OneValue({ label, field, value, onChange, isWrong }: OneValueProps) {
  const known = useKnownValues(field);
  const common = { 'aria-label': label, placeholder: 'Value', error: isWrong, flex: '1 1 9rem' };
  const text = value === undefined || value === null ? '' : String(value);
  if (field.type === 'reference' && field.referenceTo.length > 0) {
    return <ReferenceValue label={label} field={field} value={text} onChange={onChange} isWrong={isWrong} />;
  }
  switch (field.type) {
    case 'boolean':
      return (
        <NativeSelect
          {...common}
          data={[
            { value: '', label: 'Value' },
            { value: 'true', label: 'true' },
            { value: 'false', label: 'false' },
          ]}
          value={text}
          onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? '' : currentTarget.value === 'true')}
        />
      );
    case 'integer':
    case 'number':
      return (
        <NumberInput
          {...common}
          value={typeof value === 'number' ? value : ''}
          onChange={onChange}
          allowDecimal={field.type === 'number'}
        />
      );
    case 'date':
    case 'datetime':
      return (
        <TextInput
          {...common}
          type={hasClock(text) ? 'text' : 'date'}
          value={text}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      );
    case 'time':
      return (
        <TextInput
          {...common}
          type="time"
          value={text.slice(0, 5)}
          onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? '' : `${currentTarget.value}:00.000`)}
        />
      );
    default:
      return (
        <TextValue key={field.name} label={label} known={known} value={text} onChange={onChange} isWrong={isWrong} />
      );
  }
}

const isNumeric = ({ type }: FieldDescription): boolean => type === 'integer' || type === 'number';

interface ListValueProps {
  field: FieldDescription;
  values: readonly (string | number | boolean)[];
  onChange(values: unknown): void;
  isWrong: boolean;
}

/** About ten values; of more the rest is scrolled to. */
const LIST_HEIGHT = 260;

/** Many values; a list can be pasted. */
function ListValue({ field, values, onChange, isWrong }: ListValueProps) {
  const [told, setTold] = useState('');
  const [search, setSearch] = useState('');
  const known = useKnownValues(field);
  const typed = (text: string) => {
    if (field.type === 'boolean') return text === 'true';
    return isNumeric(field) && text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text;
  };
  const set = (texts: readonly string[]) => onChange(texts.map(typed));
  const present = values.map(String);
  // a value that examples have with blanks around it is meant with them
  const enter = (texts: readonly string[]) => set(typedList(texts, [...present, ...known.values]));
  /** What is still being typed is a value too. */
  const leave = () =>
    afterPress(() => {
      const isThere = present.some((text) => text.toLowerCase() === search.trim().toLowerCase());
      if (search.trim() !== '' && !isThere) enter([...present, search]);
      setSearch('');
    });
  return (
    <>
      {/* before the input, which takes a text of many lines for one value */}
      <div
        onPasteCapture={(event) => {
          const pasted = pastedList(event.clipboardData.getData('text'));
          if (pasted.values.length < 2) return;
          event.preventDefault();
          event.stopPropagation();
          const there = new Set(present);
          const added = pasted.values.filter((value) => !there.has(value));
          const repeated = pasted.repeated + pasted.values.length - added.length;
          set([...present, ...added]);
          setTold(pastedInWords(added.length, repeated));
        }}
      >
        <TagsInput
          aria-label="Value"
          placeholder={values.length === 0 ? 'Values (you can paste a list)' : ''}
          data={field.type === 'boolean' ? ['true', 'false'] : suggestedValues(known)}
          filter={fittingValues}
          comboboxProps={{ keepMounted: false }}
          value={present}
          onChange={enter}
          searchValue={search}
          onSearchChange={setSearch}
          acceptValueOnBlur={false}
          onBlur={leave}
          styles={{
            pillsList: { maxHeight: LIST_HEIGHT, overflowY: 'auto' },
            // where the last value fits into its line, what is left to type begins no other
            inputField: { minWidth: '1rem' },
          }}
          error={isWrong}
        />
      </div>
      {/* its place is kept: what is below must not move away from under a click that ends the typing */}
      <Text size="xs" c="dimmed" role="status" mih="1lh">
        {values.length > 1 ? `${counted(values.length, 'value')}. ` : ''}
        {told || known.told}
      </Text>
    </>
  );
}

function AmountValue({ value, onChange }: { value: AmountOfTime; onChange(value: AmountOfTime): void }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <WholeNumber
        aria-label="Value"
        max={100_000}
        flex={1}
        value={value.amount}
        onChange={(amount) => onChange({ ...value, amount })}
      />
      <NativeSelect
        aria-label="Unit of time"
        data={TIME_UNITS.map((unit) => ({ value: unit, label: value.amount === 1 ? unit : `${unit}s` }))}
        value={value.unit}
        onChange={({ currentTarget }) =>
          onChange({ ...value, unit: TIME_UNITS.find((unit) => unit === currentTarget.value) ?? 'day' })
        }
      />
    </Group>
  );
}
