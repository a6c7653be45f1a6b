import { Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { IconCheck, IconCircle, IconCircleDashed } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CountsBar } from '../../../components/counts';
import { AnchorLink } from '../../../components/links';
import { percentOf, progressInWords, RunNotice } from '../../../components/run-progress';
import { phaseInWords, phasesOf } from '../../../lib/phases';
import { type Execution, useExecution } from '../api';
import classes from './live-run.module.css';
import { QuotaLeft } from './quota-left';

interface LiveRunProps {
  execution: Execution;
  /** It stands on the page of the execution, which needs no way there. */
  isOwnPage?: boolean;
  /** What can be done about it, below. */
  children?: ReactNode;
}

/** The execution that runs: its phases, how far it is, and what it waits for. */
export function LiveRun({ execution, isOwnPage = false, children }: LiveRunProps) {
  const { data: run = execution } = useExecution(execution.id);
  const percent = percentOf(run);
  const words = progressInWords(run);
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="live-run">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h3" id="live-run">
            Running now
          </Title>
          {!isOwnPage && (
            <AnchorLink to="/executions/$executionId" params={{ executionId: run.id }} size="sm">
              Execution {run.number}
            </AnchorLink>
          )}
        </Group>
        <Phases run={run} />
        <Progress.Root size="lg">
          <Progress.Section value={percent ?? 100} animated={percent === null} aria-label={words} />
        </Progress.Root>
        <Text size="sm">{words}</Text>
        <CountsBar of={run} />
        <div>
          <QuotaLeft syncId={run.syncId} />
        </div>
        {/* a new phase and a new wait are read out, each figure is not */}
        <div role="status">
          <RunNotice run={run} size="sm" />
          {run.problem === null && (
            <span className="visually-hidden">
              {run.phase === null ? 'Starting' : phaseInWords(run.phase, run.trigger)}
            </span>
          )}
        </div>
        {children}
      </Stack>
    </Paper>
  );
}

/** The phases, in order: done, present, ahead. */
function Phases({ run: { phase: present, trigger } }: { run: Execution }) {
  const phases = phasesOf(trigger);
  const at = present === null ? -1 : phases.indexOf(present);
  return (
    <ol className={classes.phases} aria-label="Phases">
      {phases.map((phase, index) => {
        const state = index < at ? 'done' : index === at ? 'present' : 'ahead';
        const Icon = { done: IconCheck, present: IconCircle, ahead: IconCircleDashed }[state];
        return (
          <li
            key={phase}
            className={classes.phase}
            data-state={state}
            aria-current={state === 'present' ? 'step' : undefined}
          >
            <Icon size={16} aria-hidden />
            {phaseInWords(phase, trigger)}
            {state === 'done' && <span className="visually-hidden"> (done)</span>}
          </li>
        );
      })}
    </ol>
  );
}
