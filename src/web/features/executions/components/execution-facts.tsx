import { Paper, SimpleGrid, Stack, Text, UnstyledButton } from '@mantine/core';
import { CountsBar } from '../../../components/counts';
import { Fact } from '../../../components/fact';
import { AnchorLink, OutsideLink } from '../../../components/links';
import { Time } from '../../../components/time';
import { counted, formatNumber } from '../../../lib/format';
import { useFreshNow, useNow } from '../../../lib/use-now';
import { useSync } from '../../syncs/api';
import { type Execution, useRetentionDays } from '../api';
import { outcomeShown, type RecordsSearch } from '../records-search';
import { durationInWords, type Figure, figuresOf, startedInWords, valuesGoAt } from '../words';
import classes from './execution-facts.module.css';
import { ExecutionLink } from './execution-link';

interface OfExecution {
  execution: Execution;
  timeZone?: string | undefined;
}

interface ExecutionFactsProps extends OfExecution {
  /** Which records are shown below; null while they are not. */
  shown: RecordsSearch | null;
  /** Gets which records somebody wants to see. */
  onShow(search: RecordsSearch): void;
}

/** When and why an execution ran, and its counts. */
export function ExecutionFacts({ execution, timeZone, shown, onShow }: ExecutionFactsProps) {
  const now = useFreshNow();
  const { id, syncId, scheduledFor, startedAt, version, reading, links, state, follows } = execution;
  return (
    <Paper withBorder p="md" component="section" aria-label="Summary">
      <Stack>
        <Figures execution={execution} shown={shown} onShow={onShow} />
        {state !== 'running' && <CountsBar of={execution} />}
        <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
          <Fact label="Started">
            <Time at={startedAt ?? scheduledFor} timeZone={timeZone} />
          </Fact>
          <Fact label="Duration">{state === 'missed' ? 'Did not run' : durationInWords(execution, now)}</Fact>
          <Fact label="Started by">
            <Text size="sm">
              {startedInWords(execution)}
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
              <VersionInWords syncId={syncId} version={version} />
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

/** The counts; each leads to its records below. */
function Figures({ execution, shown, onShow }: Omit<ExecutionFactsProps, 'timeZone'>) {
  const figures = figuresOf(execution);
  const isChosen = ({ shows: { outcome, reason } }: Figure) =>
    shown !== null &&
    outcomeShown(shown, execution) === outcome &&
    shown.reason === reason &&
    shown.field === undefined;
  return (
    <SimpleGrid cols={{ base: 2, xs: 4, md: figures.length }} spacing="xs" role="group" aria-label="Records by outcome">
      {figures.map((figure) => (
        <UnstyledButton
          key={figure.label}
          className={classes.figure}
          aria-pressed={isChosen(figure)}
          onClick={() => onShow(figure.shows)}
        >
          <Fact label={figure.label}>
            <Text size="xl" fw={650}>
              {formatNumber(figure.records)}
            </Text>
          </Fact>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}

/** Which version ran, and whether the sync has changed since. */
function VersionInWords({ syncId, version }: Pick<Execution, 'syncId' | 'version'>) {
  const { data: sync } = useSync(syncId);
  const since = sync && (sync.version === version ? ', as it is now' : ', changed since');
  return `Version ${version}${since ?? ''}`;
}

/** How long the values of the records are kept, and with them what an undo and a correction need. */
function ValuesKept({ execution, timeZone }: OfExecution) {
  const { data: days } = useRetentionDays();
  const now = useNow();
  if (days === undefined) return null;
  const goAt = valuesGoAt(execution, days);
  if (goAt === null)
    return <Fact label="Values of its records">{`Deleted ${counted(days, 'day')} after its end`}</Fact>;
  return (
    <Fact
      label={
        Date.parse(goAt) > now ? 'The values of its records are deleted' : 'The values of its records were deleted'
      }
    >
      <Time at={goAt} timeZone={timeZone} />
    </Fact>
  );
}
