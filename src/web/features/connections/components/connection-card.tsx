import { Badge, Button, Card, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useId } from 'react';
import { Fact } from '../../../components/fact';
import { AnchorLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { RelativeTime } from '../../../components/time';
import { formatNumber, formatShare } from '../../../lib/format';
import { useMay } from '../../session/api';
import { useSyncsOf } from '../../syncs/api';
import { type Connection, type ConnectionTest, useCancelConnectionTest, useConnectionTest } from '../api';

const KIND_WORDS: Record<Connection['kind'], string> = { marketo: 'Marketo', salesforce: 'Salesforce' };

interface ConnectionCardProps {
  connection: Connection;
  /** Absent where the person may not. */
  onEdit?: (() => void) | undefined;
  onDelete?: (() => void) | undefined;
}

/** One connection: whether it works, what it has left of its quota, and where it is used. */
export function ConnectionCard({ connection, onEdit, onDelete }: ConnectionCardProps) {
  const mayTest = useMay('operator');
  const { data: test, dataUpdatedAt, isFetching, error, refetch } = useConnectionTest(connection.id, mayTest);
  const cancel = useCancelConnectionTest(connection.id);
  const { name, kind, settings, identity } = connection;
  const address = hostOf(settings.baseUrl ?? settings.loginUrl);
  // what Marketo's instance is called begins its address
  const isTold = identity !== null && address.toLowerCase().includes(identity.toLowerCase());
  const isUsed = (useSyncsOf(connection.id).data?.items.length ?? 0) > 0;
  const usedId = useId();
  return (
    <Card component="li" withBorder padding="md">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Title order={2} size="h4">
              {name}
            </Title>
            <Badge variant="default" tt="none">
              {KIND_WORDS[kind]}
            </Badge>
          </Group>
          <Group gap="xs">
            {mayTest && (
              <Button size="xs" variant="default" onClick={() => void refetch()} disabled={isFetching}>
                Test <span className="visually-hidden">{name}</span>
              </Button>
            )}
            {onEdit && (
              <Button size="xs" variant="default" onClick={onEdit}>
                Edit <span className="visually-hidden">{name}</span>
              </Button>
            )}
            {onDelete && (
              <Button
                size="xs"
                variant="default"
                onClick={onDelete}
                disabled={isUsed}
                aria-describedby={isUsed ? usedId : undefined}
              >
                Delete <span className="visually-hidden">{name}</span>
              </Button>
            )}
          </Group>
        </Group>
        <Fact label="Address">{address}</Fact>
        {identity !== null && !isTold && (
          <Fact label={kind === 'marketo' ? 'Instance' : 'Organisation'}>{identity}</Fact>
        )}
        <div role="status">
          {isFetching ? (
            <Loading
              afterLong={`Still asking ${KIND_WORDS[kind]}.`}
              onCancel={cancel}
            >{`Testing: signing in to ${KIND_WORDS[kind]}`}</Loading>
          ) : error ? (
            <Works test={{ ok: false, problem: error.message, account: null, quota: null }} address={address} />
          ) : (
            test && <Works test={test} address={address} testedAt={dataUpdatedAt} />
          )}
        </div>
        {test?.quota && <Quota quota={test.quota} share={settings.quotaShare} />}
        <UsedBy connectionId={connection.id} />
        {onDelete && isUsed && (
          <Text size="xs" c="dimmed" id={usedId}>
            It can be deleted once no sync uses it: delete those syncs first, or give them another connection.
          </Text>
        )}
      </Stack>
    </Card>
  );
}

const hostOf = (url: unknown): string =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url).host : String(url);

interface WorksProps {
  test: ConnectionTest;
  /** That of the connection, which stands in the card already. */
  address: string;
  /** Milliseconds since 1970; absent where the test itself has failed just now. */
  testedAt?: number;
}

function Works({ test, address, testedAt }: WorksProps) {
  const Icon = test.ok ? IconCircleCheck : IconAlertTriangle;
  const color = test.ok ? 'green' : 'red';
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <Icon
        size={18}
        aria-hidden
        style={{ flex: 'none' }}
        color={`light-dark(var(--mantine-color-${color}-8), var(--mantine-color-${color}-4))`}
      />
      <Text size="sm">
        {test.ok ? 'Works' : 'Does not work'}
        {test.ok && test.account && test.account !== address ? `, signed in as ${test.account}` : ''}
        {test.problem ? `: ${test.problem}` : ''}
        {testedAt !== undefined && (
          <Text span size="sm" c="dimmed">
            {' '}
            · checked <RelativeTime at={new Date(testedAt).toISOString()} />
          </Text>
        )}
      </Text>
    </Group>
  );
}

function Quota({ quota, share }: { quota: NonNullable<ConnectionTest['quota']>; share: unknown }) {
  const { used, limit } = quota;
  if (limit === null) return null;
  const words =
    used === null
      ? `${formatNumber(limit)} calls a day`
      : `${formatNumber(used)} of ${formatNumber(limit)} used, ${formatNumber(Math.max(0, limit - used))} left`;
  return (
    <Fact label="Calls today">
      {used !== null && (
        <Progress.Root size="sm" my={4}>
          <Progress.Section value={Math.min(100, (100 * used) / limit)} aria-label={`Calls today: ${words}`} />
        </Progress.Root>
      )}
      <Text size="sm">
        {words}
        {typeof share === 'number' && `. Sync may use ${formatShare(share)} of a day's calls.`}
      </Text>
    </Fact>
  );
}

/** What a sync uses a connection for. */
const endsInWords = ([isSource, isDestination]: readonly boolean[]): string =>
  isSource && isDestination ? 'as source and destination' : isSource ? 'as source' : 'as destination';

function UsedBy({ connectionId }: { connectionId: string }) {
  const { data, error } = useSyncsOf(connectionId);
  const users = data?.items;
  return (
    <Fact label="Used by">
      {!users?.length && (
        <Text size="sm">{users ? 'No sync' : error ? 'The syncs could not be loaded' : 'Loading…'}</Text>
      )}
      {users?.map(({ id, name, source, destination }) => (
        // as high as a finger wants it
        <Text key={id} size="sm" lh="24px">
          <AnchorLink to="/syncs/$syncId" params={{ syncId: id }} size="sm" underline="always">
            {name}
          </AnchorLink>{' '}
          <Text span size="xs" c="dimmed">
            {endsInWords([source, destination].map((end) => end?.connectionId === connectionId))}
          </Text>
        </Text>
      ))}
      {data?.nextCursor != null && (
        <Text size="sm" lh="24px">
          <AnchorLink to="/" search={{ connection: connectionId }} size="sm">
            and more
          </AnchorLink>
        </Text>
      )}
    </Fact>
  );
}
