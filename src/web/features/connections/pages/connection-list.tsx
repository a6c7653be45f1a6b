import { Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useAnnounce } from '../../../components/announcer';
import { useConfirm } from '../../../components/confirm';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { useMay } from '../../session/api';
import { type Connection, useConnections, useDeleteConnection } from '../api';
import { ConnectionCard } from '../components/connection-card';
import { ConnectionDrawer } from '../components/connection-drawer';
import classes from './connection-list.module.css';

/** The instances of Marketo and Salesforce that syncs can use. */
export default function ConnectionListPage() {
  const { data: connections, error, refetch } = useConnections();
  const mayEdit = useMay('admin');
  const [edited, setEdited] = useState<Connection | 'new' | null>(null);
  const remove = useDeleteConnection();
  const confirm = useConfirm();
  const announce = useAnnounce();

  const askToDelete = async (connection: Connection) => {
    const text = 'No sync uses it. Its credentials are deleted, and have to be entered anew should it be needed again.';
    const title = `Delete ${connection.name}?`;
    if (!(await confirm({ title, text, action: 'Delete', isDangerous: true }))) return;
    remove.mutate(connection, { onSuccess: () => announce(`${connection.name} is deleted.`) });
  };

  return (
    <Stack>
      <Group justify="space-between">
        <PageHeading>Connections</PageHeading>
        {mayEdit && (
          <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setEdited('new')}>
            Add connection
          </Button>
        )}
      </Group>
      {error && (
        <ProblemAlert problem={error} title="The connections could not be loaded" onRetry={() => void refetch()} />
      )}
      <ProblemAlert problem={remove.error} title="The connection could not be deleted" />
      {!connections && !error && <Loading>Loading the connections</Loading>}
      {connections?.length === 0 && (
        <Text>
          No connections yet. A sync needs two: one to read from and one to write to.
          {!mayEdit && ' An administrator can add them.'}
        </Text>
      )}
      <ul className={classes.list}>
        {connections?.map((connection) => (
          <ConnectionCard
            key={connection.id}
            connection={connection}
            onEdit={mayEdit ? () => setEdited(connection) : undefined}
            onDelete={mayEdit ? () => void askToDelete(connection) : undefined}
          />
        ))}
      </ul>
      <ConnectionDrawer
        connection={edited === 'new' ? null : edited}
        isOpen={edited !== null}
        onClose={() => setEdited(null)}
      />
    </Stack>
  );
}
