import { Alert, Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { type Execution, type UndoForetold, useUndo, useUndoForetold } from '../api';
import { ExecutionLinks } from './execution-link';
import { useRetriesThatWrote } from './undo-notice';

interface UndoDialogProps {
  execution: Execution;
  isOpen: boolean;
  onClose(): void;
  /** Gets the execution that undoes it. */
  onBegun(undo: Execution): void;
}

/** Says what an undo would do before it does it. */
export function UndoDialog({ execution, isOpen, onClose, onBegun }: UndoDialogProps) {
  const { data: foretold, error, refetch } = useUndoForetold(execution.id, isOpen);
  const undo = useUndo(execution.id);
  const close = () => {
    undo.reset();
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={`Undo execution ${execution.number}`}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <ProblemAlert problem={error} title="It cannot be undone now" onRetry={() => void refetch()} />
        {!foretold && !error && (
          <Loading afterLong="Still asking the destination.">Comparing with the destination</Loading>
        )}
        {foretold && <Foretold foretold={foretold} />}
        {foretold && <WrittenByRetries execution={execution} />}
        <ProblemAlert problem={undo.error} title="The undo could not be started" />
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep as it is
          </Button>
          {foretold && (
            <Button color="red" loading={undo.isPending} onClick={() => undo.mutate(undefined, { onSuccess: onBegun })}>
              Undo now
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** What is done to the records, each line left out where it is none. */
const PLAN_WORDS: Record<keyof UndoForetold['plan'], (records: string) => string> = {
  delete: (records) => `${records} that it created will be deleted`,
  restore: (records) => `${records} that it updated will get back the values that they had before`,
  unchanged: (records) => `${records} are already as they were before`,
  changedSince: (records) => `${records} were changed by someone since then, and stay as they are`,
  deletedSince: (records) => `${records} were deleted by someone since then`,
  unknownId: (records) => `${records} cannot be found: their Ids are not known`,
};

/** What a retry has written is its own to undo; told of the latest executions. */
function WrittenByRetries({ execution: { id, syncId } }: { execution: Execution }) {
  const retries = useRetriesThatWrote(syncId, id);
  if (retries.length === 0) return null;
  return (
    <Text size="sm">
      Failed records that a later retry has loaded stay in the destination. To take them back too, undo{' '}
      <ExecutionLinks executions={retries} />.
    </Text>
  );
}

function Foretold({ foretold: { plan, total, compared, exact } }: { foretold: UndoForetold }) {
  const lines = Object.entries(PLAN_WORDS).flatMap(([name, words]) => {
    const records = plan[name as keyof UndoForetold['plan']];
    return records > 0 ? [words(counted(records, 'record'))] : [];
  });
  return (
    <>
      <Text size="sm">Nothing has been changed yet. This is what the undo would do:</Text>
      <List size="sm">
        {lines.length === 0 && <List.Item>Nothing: everything is already as it was before</List.Item>}
        {lines.map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
      {!exact && (
        <Alert color="yellow" title="An estimate">
          The first {counted(compared, 'record')} of {counted(total, 'record')} were compared.
        </Alert>
      )}
    </>
  );
}
