import { Button, Drawer, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { whoInWords } from '../../../../domain/key-of-settings';
import type { ObjectDescription } from '../../../../domain/object-description';
import { useAnnounce } from '../../../components/announcer';
import { useConfirm } from '../../../components/confirm';
import { Fact } from '../../../components/fact';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { reasonInWords } from '../../../lib/reasons';
import { useObjectOf } from '../../connections/names';
import { useMay } from '../../session/api';
import { type Sync, useSync } from '../../syncs/api';
import { labelOf } from '../../syncs/lib/definition-words';
import { type Execution, type RecordDetail, useDue, useGiveUp, useRecord, useRetryFailed } from '../api';
import { changedValues, correctionFile } from '../correction-file';
import { isToldByOutcome, notTriedAgain, OUTCOME_WORDS, outcomeInWords } from '../words';
import { ExecutionLink } from './execution-link';
import classes from './record-drawer.module.css';
import { CorrectedByHand, MappedValues, ReadValues, RecordLinks, SentValues } from './record-way';

interface RecordDrawerProps {
  execution: Execution;
  /** The record that is looked at; null while none is. */
  sourceId: string | null;
  mayEdit: boolean;
  onClose(): void;
  /** Gets the execution that tries the record again. */
  onBegun(retry: Execution): void;
}

/** What was read, mapped and sent of a record, and what became of it; one that failed is corrected here, tried again, or given up. */
export function RecordDrawer({ execution, sourceId, mayEdit, onClose, onBegun }: RecordDrawerProps) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <Drawer
      opened={sourceId !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={`Record ${sourceId ?? ''}`}
      // what was typed does not go with a click beside it
      closeOnClickOutside={!mayEdit}
      // the key answers what is asked above it
      closeOnEscape={!isAsking}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {sourceId !== null && <Loaded {...{ execution, sourceId, mayEdit, onClose, onBegun }} onAsking={setIsAsking} />}
    </Drawer>
  );
}

interface LoadedProps extends RecordDrawerProps {
  sourceId: string;
  /** Gets whether a question is asked above the panel. */
  onAsking(isAsking: boolean): void;
}

function Loaded({ execution, sourceId, ...rest }: LoadedProps) {
  const { data: record, error, isPending, refetch } = useRecord(execution, sourceId);
  if (isPending) return <Loading>Loading the record</Loading>;
  if (!record)
    return <ProblemAlert problem={error} title="The record could not be loaded" onRetry={() => void refetch()} />;
  return <Record execution={execution} record={record} {...rest} />;
}

type RecordProps = Omit<LoadedProps, 'sourceId'> & { record: RecordDetail };

function Record({ execution, record, mayEdit, ...on }: RecordProps) {
  const { matchKey, outcome, reason, message, field, destinationId, givenUp, later, values, correction } = record;
  // what failed in a run that was undone comes with the next one
  const due = useDue(outcome === 'failed' && mayEdit ? execution.id : undefined) ?? 0;
  const isOpen = outcome === 'failed' && !givenUp && !later && due > 0;
  const maySee = useMay('operator');
  const { data: sync } = useSync(execution.syncId);
  const objectOf = useObjectOf([sync?.source, sync?.destination]);
  const [source, destination] = [objectOf(sync?.source), objectOf(sync?.destination)];
  const timeZone = sync?.schedule?.timeZone;
  return (
    <Stack>
      <Fact label="Match key">{matchKey ?? 'none'}</Fact>
      <Fact label="Outcome">{outcomeInWords({ outcome, reason })}</Fact>
      {reason !== null && !isToldByOutcome(reason) && (
        <Fact label="Reason">
          <Text size="sm">
            {reasonInWords(reason)}
            {field !== null && ` · ${labelOf(destination, field)}`}
          </Text>
          {message !== null && <Text size="sm">{message}</Text>}
        </Fact>
      )}
      {destinationId !== null && <Fact label="Destination Id">{destinationId}</Fact>}
      {givenUp && <Fact label="Given up by">{whoInWords(givenUp.by)}</Fact>}
      {later && (
        <Fact label="Since then">
          {later.outcome === 'failed' ? 'Given up in' : `${OUTCOME_WORDS[later.outcome]} by`}{' '}
          <ExecutionLink id={later.executionId} number={later.number} />
        </Fact>
      )}
      {correction && values && <CorrectedByHand {...{ correction, values, timeZone }} object={source} />}
      <RecordLinks links={record.links} />
      {values === null && (
        <Text size="sm">
          Values are kept for a limited time, and not at all of records that were left out or are unchanged.
        </Text>
      )}
      {!maySee && values !== null && (
        <Text size="sm">As a viewer you see which fields have values, but not the values.</Text>
      )}
      <SentValues sent={record.sent} object={destination} timeZone={timeZone} />
      {values !== null && isOpen && mayEdit && (
        <Correction
          execution={execution}
          source={source}
          record={record}
          values={relevantFirst(values, sourceOfField(sync, field))}
          {...on}
        />
      )}
      {values !== null && !(isOpen && mayEdit) && (
        <ReadValues values={values} object={source} correction={correction} />
      )}
      <MappedValues mapped={record.mapped} object={destination} />
    </Stack>
  );
}

/** The field of the source that a field of the destination is made of; without one, that by which records are matched. */
const sourceOfField = (sync: Sync | undefined, field: string | null): string | undefined => {
  const from = sync?.mappings?.find(({ to }) => to === field)?.from;
  return from && 'field' in from ? from.field : sync?.match?.source;
};

const relevantFirst = (values: Readonly<Record<string, string>>, first: string | undefined): Record<string, string> =>
  first === undefined || values[first] === undefined ? { ...values } : { [first]: values[first], ...values };

type CorrectionProps = Pick<LoadedProps, 'execution' | 'onClose' | 'onBegun' | 'onAsking'> & {
  record: RecordDetail;
  /** What is known of the source's object. */
  source: ObjectDescription | null;
  values: Readonly<Record<string, string>>;
};

/** Values can be put in place of those of the source, for one more try; the source itself stays as it is. */
function Correction({ execution, record: { sourceId }, source, values, onClose, onBegun, onAsking }: CorrectionProps) {
  const [typed, setTyped] = useState(values);
  const retry = useRetryFailed(execution.id);
  const giveUp = useGiveUp(execution.id);
  const announce = useAnnounce();
  const confirm = useConfirm();
  const changed = changedValues(values, typed);
  const isChanged = Object.keys(changed).length > 0;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (retry.isPending) return;
    retry.mutate(isChanged ? correctionFile(sourceId, changed) : { sourceIds: [sourceId] }, { onSuccess: onBegun });
  };
  const askToGiveUp = async () => {
    const title = `Give up record ${sourceId}?`;
    onAsking(true);
    const isMeant = await confirm({ title, text: notTriedAgain(1), action: 'Give up', isDangerous: true });
    // the press of Escape that has answered is over by then
    setTimeout(() => onAsking(false));
    if (isMeant) abandon();
  };
  const abandon = () =>
    giveUp.mutate(
      { sourceIds: [sourceId] },
      {
        onSuccess: () => {
          announce(`Record ${sourceId} is given up.`);
          onClose();
        },
      },
    );

  return (
    <form onSubmit={submit}>
      <Stack>
        <Title order={3} size="h5">
          Correct the values
        </Title>
        <Text size="sm">
          The record is tried again with the values below. They are not written to the source: correct them there too,
          or the next run reads the old ones again. What you do not change is read from the source once more.
        </Text>
        {Object.entries(typed).map(([name, text]) => (
          <Textarea
            key={name}
            label={labelOf(source, name)}
            description={labelOf(source, name) === name ? undefined : name}
            value={text}
            onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
            autosize
            maxRows={6}
          />
        ))}
        <ProblemAlert problem={retry.error} title="The record could not be tried again" />
        <ProblemAlert problem={giveUp.error} title="The record could not be given up" />
        <Group justify="space-between" className={classes.end}>
          <Button
            variant="default"
            onClick={() => void askToGiveUp()}
            loading={giveUp.isPending}
            disabled={retry.isPending}
          >
            Give up this record…
          </Button>
          <Button type="submit" loading={retry.isPending} disabled={giveUp.isPending}>
            {isChanged ? 'Try again with these values' : 'Try again'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
