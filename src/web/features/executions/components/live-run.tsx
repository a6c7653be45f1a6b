import { Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { IconCheck, IconCircle, IconCircleDashed } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { PHASES, type Phase } from '../../../../domain/outcome';
import { CountsBar } from '../../../components/counts';
import { AnchorLink } from '../../../components/links';
import { PHASE_WORDS, percentOf, progressInWords, RunNotice } from '../../../components/run-progress';
import { type Execution, useExecution } from '../api';
import classes from './live-run.module.css';
import { QuotaLeft } from './quota-left';

interface LiveRunProps {
  execution: Execution;
  /** What can be done about it, below. */
  children?: ReactNode;
}

/** The execution that runs: its phases, how far it is, and what it waits for. */
export function LiveRun({ execution, children }: LiveRunProps) {
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
          <AnchorLink to="/executions/$executionId" params={{ executionId: run.id }} size="sm">
            Execution {run.number}
          </AnchorLink>
        </Group>
        <Phases present={run.phase} />
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
            <span className="visually-hidden">{run.phase === null ? 'Starting' : PHASE_WORDS[run.phase]}</span>
          )}
        </div>
        {children}
      </Stack>
    </Paper>
  );
}

/** The five phases, in order: done, present, ahead. */
function Phases({ present }: { present: Phase | null }) {
  const at = present === null ? -1 : PHASES.indexOf(present);
  return (
    <ol className={classes.phases} aria-label="Phases">
      {PHASES.map((phase, index) => {
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
            {PHASE_WORDS[phase]}
            {state === 'done' && <span className="visually-hidden"> (done)</span>}
          </li>
        );
      })}
    </ol>
  );
}
