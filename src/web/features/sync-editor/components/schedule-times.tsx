import { Group, NativeSelect, Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { TIME_UNITS, type TimeUnit } from '../../../../domain/definition';
import { ownTimeZone } from '../../../lib/format';
import { byRank } from '../lib/ranked-options';
import type { ScheduleForm } from '../lib/sync-form';
import { zoneOptions } from '../lib/time-zones';
import { useMessage } from './page-end';
import { WholeNumber } from './whole-number';

interface TimesProps {
  schedule: ScheduleForm;
  set(patch: Partial<ScheduleForm>): void;
}

/** Date, time and zone of a single run. */
export function OnceFields({ schedule, set }: TimesProps) {
  const messageAt = useMessage();
  return (
    <Group align="flex-start" gap="md">
      <DateAndTime
        label="Date and time"
        value={schedule.at}
        onChange={(at) => set({ at })}
        error={messageAt('schedule.at', schedule.at !== '')}
        path="schedule.at"
        required
      />
      <ZoneSelect schedule={schedule} set={set} />
    </Group>
  );
}

/** How often, from when, until when. */
export function IntervalFields({ schedule, set }: TimesProps) {
  const messageAt = useMessage();
  const { every } = schedule;
  return (
    <>
      <Group align="flex-start" gap="md">
        <WholeNumber
          label="Execution frequency"
          prefix="every "
          max={100_000}
          w={190}
          value={every.amount}
          onChange={(amount) => set({ every: { ...every, amount } })}
          error={messageAt('schedule.every')}
          data-path="schedule.every"
        />
        <NativeSelect
          label="Unit"
          data={TIME_UNITS.map((unit) => ({ value: unit, label: every.amount === 1 ? unit : `${unit}s` }))}
          value={every.unit}
          onChange={({ currentTarget: { value } }) =>
            set({ every: { ...every, unit: TIME_UNITS.find((unit) => unit === value) ?? 'day' } })
          }
        />
      </Group>
      <Group align="flex-start" gap="md">
        <DateAndTime
          label="Start date and time"
          value={schedule.start}
          onChange={(start) => set({ start })}
          error={messageAt('schedule.start', schedule.start !== '')}
          path="schedule.start"
          {...(keepsClock(every.unit) && { description: 'Every run starts at this time of day.' })}
          required
        />
        <DateAndTime
          label="End date and time"
          description="Leave empty to run without an end."
          value={schedule.end}
          onChange={(end) => set({ end })}
          error={messageAt('schedule.end', schedule.end !== '')}
          path="schedule.end"
        />
        <ZoneSelect schedule={schedule} set={set} />
      </Group>
    </>
  );
}

/** Days and longer units keep the time of day; minutes and hours are counted. */
const keepsClock = (unit: TimeUnit): boolean => TIME_UNITS.indexOf(unit) >= TIME_UNITS.indexOf('day');

interface DateAndTimeProps {
  label: string;
  description?: string;
  /** `2026-12-01T09:00` */
  value: string;
  onChange(value: string): void;
  error: string | undefined;
  path: string;
  required?: boolean;
}

const DateAndTime = ({ value, onChange, path, ...rest }: DateAndTimeProps) => (
  <TextInput
    type="datetime-local"
    inputWrapperOrder={['label', 'input', 'description', 'error']}
    value={value.slice(0, 16)}
    onChange={({ currentTarget }) => onChange(currentTarget.value)}
    data-path={path}
    {...rest}
  />
);

function ZoneSelect({ schedule, set }: TimesProps) {
  const messageAt = useMessage();
  const own = ownTimeZone();
  const options = useMemo(
    () => zoneOptions([own, schedule.timeZone].filter((zone) => zone !== '')),
    [own, schedule.timeZone],
  );
  return (
    <Select
      label="Time zone"
      description={`All times here are in this zone. Your browser is in ${own}.`}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      searchable
      filter={byRank}
      data={options}
      value={schedule.timeZone || null}
      placeholder="Default of this installation"
      onChange={(timeZone) => set({ timeZone: timeZone ?? own })}
      error={messageAt('schedule.timeZone')}
      nothingFoundMessage="No time zone matches."
      data-path="schedule.timeZone"
      allowDeselect={false}
      w={320}
    />
  );
}
