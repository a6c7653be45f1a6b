import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import { useObjectOf } from '../../connections/names';
import { useSync } from '../../syncs/api';
import { labelOf } from '../../syncs/lib/definition-words';
import { type Cause, type Execution, useCauses } from '../api';
import type { RecordsSearch } from '../records-search';
import { causeInWords, OUTCOME_WORDS } from '../words';
import { CauseRemedy } from './cause-remedy';
import classes from './causes.module.css';

interface CauseActions {
  isBusy: boolean;
  onRetry(cause: Cause): void;
  onGiveUp(cause: Cause): void;
}

interface CausesProps {
  execution: Execution;
  /** Absent where the person may not. */
  actions?: CauseActions | undefined;
  onShow(search: RecordsSearch): void;
}

/** Why records were not loaded: a card for each cause, with what can be done about it. */
export function Causes({ execution, actions, onShow }: CausesProps) {
  const { data: causes, error, refetch } = useCauses(execution.id);
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        Problems by cause
      </Title>
      <ProblemAlert problem={error} title="The causes could not be loaded" onRetry={() => void refetch()} />
      {!causes && !error && <Loading>Looking for what failed</Loading>}
      {causes?.length === 0 && <Text size="sm">None. No record failed or was skipped.</Text>}
      <ul className={classes.list}>
        {causes?.map((cause) => (
          <CauseCard
            key={`${cause.outcome} ${cause.reason} ${cause.field}`}
            execution={execution}
            cause={cause}
            actions={actions}
            onShow={onShow}
          />
        ))}
      </ul>
    </Stack>
  );
}

/** `jane.doe@example.com (Id 1042)` */
const exampleInWords = ({ sourceId, matchKey }: Cause['examples'][number]): string =>
  matchKey === null ? `Id ${sourceId} (no match key)` : `${matchKey} (Id ${sourceId})`;

/** The field of the destination by its label. */
function CauseField({ execution: { syncId }, name }: { execution: Execution; name: string }) {
  const { data: sync } = useSync(syncId);
  return labelOf(useObjectOf([sync?.destination])(sync?.destination), name);
}

interface CauseCardProps extends CausesProps {
  cause: Cause;
}

function CauseCard({ execution, cause, actions, onShow }: CauseCardProps) {
  const { outcome, reason, field, due, message, isOfAll, examples } = cause;
  const name = reason === null ? OUTCOME_WORDS[outcome] : reasonInWords(reason);
  return (
    <Card component="li" withBorder padding="sm">
      <Stack gap={6}>
        <Group gap="xs">
          <Title order={3} size="h5" className={classes.reason}>
            {name}
          </Title>
          <Badge variant="default" tt="none">
            {causeInWords(cause)}
          </Badge>
          {field && (
            <Badge variant="default" tt="none">
              Field <CauseField execution={execution} name={field} />
            </Badge>
          )}
        </Group>
        {message && <Text size="sm">{isOfAll ? message : `For example: ${message}`}</Text>}
        <Text size="sm" c="dimmed" className={classes.examples}>
          Examples: {examples.map(exampleInWords).join(', ')}
        </Text>
        {actions && <CauseRemedy execution={execution} cause={cause} />}
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            onClick={() => onShow({ outcome, reason: reason ?? undefined, field: field ?? undefined })}
          >
            Show these records
            <span className="visually-hidden">: {name}</span>
          </Button>
          {actions && reason !== null && due > 0 && (
            <>
              <Button size="xs" variant="default" loading={actions.isBusy} onClick={() => actions.onRetry(cause)}>
                Try {counted(due, 'record')} again
                <span className="visually-hidden">: {name}</span>
              </Button>
              <Button size="xs" variant="subtle" disabled={actions.isBusy} onClick={() => actions.onGiveUp(cause)}>
                Give up…
                <span className="visually-hidden">: {name}</span>
              </Button>
            </>
          )}
        </Group>
        {outcome === 'failed' && due === 0 && (
          <Text size="xs">
            {cause.since.undone > 0
              ? 'The run was undone: the next run reads these records again.'
              : 'Nothing is left to do.'}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
