import { Anchor, Group, Loader, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { KeptRoom } from '../../../components/kept-room';
import { ProblemAlert } from '../../../components/problem-alert';
import { RelativeTime } from '../../../components/time';
import { counted, formatNumber } from '../../../lib/format';
import { type Connection, useConnections, useConnectionTest } from '../../connections/api';
import { ConnectionDrawer } from '../../connections/components/connection-drawer';
import { useMay } from '../../session/api';
import { useCount, useObjects } from '../api';
import type { EndForm } from '../lib/sync-form';
import { environmentOf, hostOf, VENDORS } from '../lib/vendors';
import { useEditor } from '../state/editor-context';
import { ObjectSelect } from './object-select';
import { useMessage } from './page-end';

const LABELS = {
  source: {
    connection: 'Source Connection',
    connectionHint: 'The connection from which data is pulled.',
    object: 'Source Object',
    objectHint: 'The kind of records to read.',
  },
  destination: {
    connection: 'Destination Connection',
    connectionHint: 'The connection where data is sent.',
    object: 'Destination Object',
    objectHint: 'The kind of records to write.',
  },
} as const;

/** Connection and object of one end. */
export function EndChoice({ end }: { end: 'source' | 'destination' }) {
  const { form, change, [end]: state } = useEditor();
  const messageAt = useMessage();
  const connections = useConnections();
  const chosen = form[end];
  const labels = LABELS[end];
  const objects = useObjects(chosen.connectionId);
  return (
    <Stack gap="sm">
      <Select
        label={labels.connection}
        description={labels.connectionHint}
        required
        searchable
        placeholder={connections.isPending ? 'Loading the connections…' : 'Choose a connection'}
        data={(connections.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        renderOption={({ option }) => (
          <ConnectionOption connection={connections.data?.find(({ id }) => id === option.value)} />
        )}
        nothingFoundMessage="No connection matches."
        value={chosen.connectionId || null}
        onChange={(connectionId) => change({ [end]: { connectionId: connectionId ?? '', object: '' } })}
        error={messageAt(`${end}.connectionId`, chosen.connectionId !== '')}
        data-path={`${end}.connectionId`}
        allowDeselect={false}
      />
      {connections.error && (
        <ProblemAlert
          problem={connections.error}
          onRetry={() => void connections.refetch()}
          title="The connections could not be loaded"
        />
      )}
      <KeptRoom lines={1} narrowLines={2}>
        {state.connection && <ConnectionState connection={state.connection} />}
      </KeptRoom>
      <AddConnection
        label={`Add a ${end} connection`}
        hasNone={connections.data?.length === 0}
        onAdded={({ id }) => change({ [end]: { connectionId: id, object: '' } })}
      />
      <ObjectSelect
        label={labels.object}
        description={labels.objectHint}
        use={end === 'source' ? 'readable' : 'writable'}
        objects={objects.data ?? []}
        isLoading={objects.isLoading}
        isReady={chosen.connectionId !== ''}
        value={chosen.object}
        onChange={(object) => change({ [end]: { ...chosen, object } })}
        error={messageAt(`${end}.object`)}
        path={`${end}.object`}
      />
      {end === 'source' && (
        <KeptRoom lines={1} narrowLines={1}>
          {chosen.object !== '' && <ObjectCount end={chosen} />}
        </KeptRoom>
      )}
      {objects.error && (
        <ProblemAlert
          problem={objects.error}
          title="The objects could not be read"
          onRetry={() => void objects.refetch()}
        />
      )}
      {state.problem ? (
        <ProblemAlert
          problem={state.problem}
          title={`${chosen.object} could not be described`}
          onRetry={() => void state.refresh()}
        />
      ) : null}
    </Stack>
  );
}

interface AddConnectionProps {
  label: string;
  hasNone: boolean;
  onAdded(connection: Connection): void;
}

/** Adds a connection beside the page, and takes it; what is entered here stays. */
function AddConnection({ label, hasNone, onAdded }: AddConnectionProps) {
  const mayAdd = useMay('admin');
  const [isOpen, { open, close }] = useDisclosure(false);
  const none = hasNone ? 'There is no connection yet. ' : '';
  if (!mayAdd) return none === '' ? null : <Text size="sm">{none}An administrator can add one.</Text>;
  return (
    <Text size="sm" mb="xs">
      {none}
      <Anchor component="button" type="button" size="sm" onClick={open}>
        {label}
      </Anchor>
      <ConnectionDrawer connection={null} isOpen={isOpen} onClose={close} onSaved={onAdded} />
    </Text>
  );
}

function ConnectionOption({ connection }: { connection: Connection | undefined }) {
  if (!connection) return null;
  return (
    <div>
      <Text size="sm">{connection.name}</Text>
      <Text size="xs" c="dimmed">
        {aboutOf(connection)}
      </Text>
    </div>
  );
}

/** `Salesforce · acme.my.salesforce.com · production` */
const aboutOf = (connection: Connection): string =>
  [VENDORS[connection.kind], hostOf(connection), environmentOf(connection)].filter((part) => part !== null).join(' · ');

/** Whether a chosen connection signs in, what it has used of the day's calls, and when that was asked. */
function ConnectionState({ connection }: { connection: Connection }) {
  const { data, dataUpdatedAt, isFetching, error, refetch } = useConnectionTest(connection.id, useMay('operator'));
  const about = aboutOf(connection);
  if (isFetching && !data) {
    return (
      <Group gap="xs" role="status">
        <Loader size={14} aria-hidden />
        <Text size="sm" c="dimmed">
          {about} · signing in…
        </Text>
      </Group>
    );
  }
  if (error) {
    return <ProblemAlert problem={error} title="The connection could not be tested" onRetry={() => void refetch()} />;
  }
  if (!data) return null;
  if (!data.ok) return <ProblemAlertText name={connection.name} text={data.problem ?? 'It could not sign in.'} />;
  const { used = null, limit = null } = data.quota ?? {};
  const quota =
    used === null || limit === null ? '' : ` · ${formatNumber(used)} of ${formatNumber(limit)} calls used today`;
  return (
    <Text size="sm" c="dimmed">
      {about} · signed in{quota} · checked <RelativeTime at={new Date(dataUpdatedAt).toISOString()} />
    </Text>
  );
}

/** How many records an object has, where the system tells; that is nice to know, and no more. */
function ObjectCount({ end }: { end: EndForm }) {
  const { data, isFetching } = useCount({ source: end }, true);
  if (isFetching || data?.records == null) return null;
  return (
    <Text size="sm" c="dimmed">
      {counted(data.records, 'record')} at present.
    </Text>
  );
}

const ProblemAlertText = ({ name, text }: { name: string; text: string }) => (
  <Text size="sm" c="var(--mantine-color-error)" role="alert">
    {name} cannot be used now: {text}{' '}
    <Anchor component={Link} to="/connections" size="sm">
      Fix it under Connections
    </Anchor>
  </Text>
);
