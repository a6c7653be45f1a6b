import { List, Stack } from '@mantine/core';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { useConnections } from '../api';

/** The instances of Marketo and Salesforce that syncs can use. */
export default function ConnectionListPage() {
  const { data: connections, error, refetch } = useConnections();
  return (
    <Stack>
      <PageHeading>Connections</PageHeading>
      {error && (
        <ProblemAlert problem={error} title="The connections could not be loaded" onRetry={() => void refetch()} />
      )}
      {!connections && !error && <Loading>Loading the connections</Loading>}
      <List>
        {connections?.map(({ id, name }) => (
          <List.Item key={id}>{name}</List.Item>
        ))}
      </List>
    </Stack>
  );
}
