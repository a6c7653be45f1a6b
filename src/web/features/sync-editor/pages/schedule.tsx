import { Stack, Text } from '@mantine/core';
import type { DefinitionProblem } from '../../../../domain/definition';
import { counted, ownTimeZone } from '../../../lib/format';
import { ActivateButton } from '../components/activate-button';
import { ErrorSummary } from '../components/error-summary';
import { ExecutionsBelow } from '../components/executions-below';
import { LastSummary } from '../components/last-summary';
import { NextRuns } from '../components/next-runs';
import { PageEnd, useMessage } from '../components/page-end';
import { RadioCards } from '../components/radio-cards';
import { RecordsOfEachRun } from '../components/records-of-each-run';
import { RunLimits } from '../components/run-limits';
import { IntervalFields, OnceFields } from '../components/schedule-times';
import { Unconfirmed } from '../components/unconfirmed';
import type { ScheduleForm, SyncForm } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';

const TYPES: { value: Exclude<ScheduleForm['type'], ''>; label: string; effect: string }[] = [
  { value: 'now', label: 'Run Once (Now)', effect: 'Executes the Sync immediately, one time.' },
  {
    value: 'once',
    label: 'Run Once (Scheduled)',
    effect: 'Executes the Sync once at a selected date and time.',
  },
  {
    value: 'interval',
    label: 'Interval Executions',
    effect: 'Runs the Sync repeatedly based on execution frequency, start date/time, and end date/time.',
  },
];

/** What is still to be chosen, by its label; how many mistakes there are besides. */
function whatIsMissing({ schedule }: SyncForm, problems: readonly DefinitionProblem[]): string[] {
  const unchosen = unchosenOf(schedule);
  // what was not chosen is one of the problems
  const mistakes = problems.length - unchosen.length;
  return [
    ...unchosen.map((label) => `choose ${label}`),
    ...(mistakes > 0 ? [`fix ${counted(mistakes, 'problem')}`] : []),
  ];
}

function unchosenOf({ type, at, start }: ScheduleForm): string[] {
  if (type === '') return ['Schedule Type'];
  if (type === 'once' && at === '') return ['Date and time'];
  return type === 'interval' && start === '' ? ['Start date and time'] : [];
}

/** Page 5: when and how the sync runs, and its executions once it is active. */
export default function SchedulePage() {
  const { form, change, problems, saved, isLive } = useEditor();
  const messageAt = useMessage();
  const { schedule } = form;
  const set = (patch: Partial<ScheduleForm>) => change({ schedule: { ...schedule, ...patch } });
  // times that are entered from now on are meant in a zone that is seen
  const setType = (type: ScheduleForm['type']) =>
    set({ type, ...(schedule.timeZone === '' && type !== schedule.type ? { timeZone: ownTimeZone() } : {}) });
  return (
    <Stack>
      <Text>This page controls when and how the sync runs.</Text>
      <ErrorSummary />
      <RadioCards
        label="Schedule Type"
        value={schedule.type}
        onChange={setType}
        choices={TYPES}
        columns={3}
        error={messageAt('schedule.type')}
        path="schedule.type"
      />
      {schedule.type === 'once' && <OnceFields schedule={schedule} set={set} />}
      {schedule.type === 'interval' && (
        <>
          <IntervalFields schedule={schedule} set={set} />
          <RecordsOfEachRun />
        </>
      )}
      {schedule.type !== '' && <NextRuns />}
      <RunLimits />
      <LastSummary />
      <PageEnd
        // what a preview was applied to runs without a schedule
        missing={isLive && saved?.draft.schedule === undefined ? [] : whatIsMissing(form, problems)}
        neededFor={saved && saved.status !== 'draft' ? 'To activate it again' : 'To activate'}
      >
        <Unconfirmed />
        <ActivateButton />
      </PageEnd>
      <ExecutionsBelow />
    </Stack>
  );
}
