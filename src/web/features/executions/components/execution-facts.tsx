import { Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { CountsBar } from '../../../components/counts';
import { Fact } from '../../../components/fact';
import { AnchorLink, OutsideLink } from '../../../components/links';
import { Time } from '../../../components/time';
import { counted, formatNumber } from '../../../lib/format';
import { useNow } from '../../../lib/use-now';
import { type Execution, useRetentionDays } from '../api';
import { durationInWords, figuresOf, TRIGGER_WORDS, valuesGoAt } from '../words';
import { ExecutionLink } from './execution-link';

const FIGURES = { alignItems: 'end' } as const;

interface ExecutionFactsProps {
  execution: Execution;
  timeZone?: string | undefined;
}

/** When and why an execution ran, and its counts. */
export function ExecutionFacts({ execution, timeZone }: ExecutionFactsProps) {
  const now = useNow();
  const { id, trigger, scheduledFor, startedAt, version, reading, links, state, follows } = execution;
  return (
    <Paper withBorder p="md" component="section" aria-label="Summary">
      <Stack>
        {/* figures stand in a line, also beside a label that takes two */}
        <SimpleGrid cols={{ base: 2, xs: 4, md: figuresOf(execution).length }} spacing="sm" style={FIGURES}>
          {figuresOf(execution).map(([label, records]) => (
            <Fact key={label} label={label}>
              <Text size="xl" fw={650}>
                {formatNumber(records)}
              </Text>
            </Fact>
          ))}
        </SimpleGrid>
        {state !== 'running' && <CountsBar of={execution} />}
        <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
          <Fact label="Started">
            <Time at={startedAt ?? scheduledFor} timeZone={timeZone} />
          </Fact>
          <Fact label="Duration">{state === 'missed' ? 'Did not run' : durationInWords(execution, now)}</Fact>
          <Fact label="Started by">
            <Text size="sm">
              {TRIGGER_WORDS[trigger]}
              {follows && (
                <>
                  {' of '}
                  <ExecutionLink id={follows.id} number={follows.number} />
                </>
              )}
            </Text>
          </Fact>
          <Fact label="Definition">
            <AnchorLink
              to="/executions/$executionId"
              params={{ executionId: id }}
              search={{ tab: 'definition' }}
              size="sm"
            >
              As it ran (version {version})
            </AnchorLink>
          </Fact>
          {reading.text !== null && <Fact label="Records read">{reading.text}</Fact>}
          <ValuesKept execution={execution} timeZone={timeZone} />
          {links.temporal && (
            <Fact label="Technical details">
              <OutsideLink href={links.temporal}>Workflow in Temporal</OutsideLink>
            </Fact>
          )}
        </SimpleGrid>
      </Stack>
    </Paper>
  );
}

/** How long the values of the records are kept, and with them what an undo and a correction need. */
function ValuesKept({ execution, timeZone }: ExecutionFactsProps) {
  const { data: days } = useRetentionDays();
  const now = useNow();
  if (days === undefined) return null;
  const goAt = valuesGoAt(execution, days);
  if (goAt === null)
    return <Fact label="Values of its records are deleted">{`${counted(days, 'day')} after its end`}</Fact>;
  return (
    <Fact label={Date.parse(goAt) > now ? 'Values of its records are deleted' : 'Values of its records were deleted'}>
      <Time at={goAt} timeZone={timeZone} />
    </Fact>
  );
}
