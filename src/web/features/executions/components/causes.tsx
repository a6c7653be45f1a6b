import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { type Cause, useCauses } from '../api';
import type { RecordsSearch } from '../records-search';
import { OUTCOME_WORDS, reasonInWords } from '../words';
import classes from './causes.module.css';

interface CausesProps {
  executionId: string;
  /** Absent where the person may not. */
  onRetry?: ((reason: string) => void) | undefined;
  isRetrying: boolean;
  onShow(search: RecordsSearch): void;
}

/** Why records were not loaded: a card for each cause, with what can be done about it. */
export function Causes({ executionId, onRetry, isRetrying, onShow }: CausesProps) {
  const { data: causes, error, refetch } = useCauses(executionId);
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        Problems by cause
      </Title>
      <ProblemAlert problem={error} title="The causes could not be loaded" onRetry={() => void refetch()} />
      {!causes && !error && <Loading>Looking for what failed</Loading>}
      {causes?.length === 0 && <Text size="sm">None: no record failed or was skipped.</Text>}
      <ul className={classes.list}>
        {causes?.map((cause) => (
          <CauseCard
            key={`${cause.outcome} ${cause.reason} ${cause.field}`}
            cause={cause}
            onRetry={onRetry}
            isRetrying={isRetrying}
            onShow={onShow}
          />
        ))}
      </ul>
    </Stack>
  );
}

function CauseCard({ cause, onRetry, isRetrying, onShow }: { cause: Cause } & Omit<CausesProps, 'executionId'>) {
  const { outcome, reason, field, records, due, message, examples } = cause;
  const name = reason === null ? OUTCOME_WORDS[outcome] : reasonInWords(reason);
  return (
    <Card component="li" withBorder padding="sm">
      <Stack gap={6}>
        <Group gap="xs">
          <Title order={3} size="h5" className={classes.reason}>
            {name}
          </Title>
          <Badge variant="default" tt="none">
            {OUTCOME_WORDS[outcome]}: {counted(records, 'record')}
          </Badge>
          {field && (
            <Badge variant="default" tt="none">
              Field {field}
            </Badge>
          )}
        </Group>
        {message && <Text size="sm">{message}</Text>}
        <Text size="xs" c="dimmed">
          For instance {examples.join(', ')}
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => onShow({ outcome, reason: reason ?? undefined })}>
            Show these records
            <span className="visually-hidden">: {name}</span>
          </Button>
          {onRetry && reason !== null && due > 0 && (
            <Button size="xs" variant="default" loading={isRetrying} onClick={() => onRetry(reason)}>
              Try {counted(due, 'record')} again
              <span className="visually-hidden">: {name}</span>
            </Button>
          )}
        </Group>
        {outcome === 'failed' && due === 0 && (
          <Text size="xs">Nothing is left to do: they have been loaded since, or were given up.</Text>
        )}
      </Stack>
    </Card>
  );
}
