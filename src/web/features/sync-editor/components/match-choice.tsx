import { Group, Stack, Text } from '@mantine/core';
import { matchOf } from '../../../../domain/match';
import { useEditor } from '../state/editor-context';
import { FieldSelect } from './field-select';
import { useMessage } from './page-end';

const NONE = { defaultMatchField: null };

/** By which two fields a record is recognised in the destination. */
export function MatchChoice() {
  const { form, change, source, destination } = useEditor();
  const messageAt = useMessage();
  const isReady = source.object !== null && destination.object !== null;
  const match = matchOf({ match: form.match ?? undefined }, source.object ?? NONE, destination.object ?? NONE);
  const choose = (patch: { source?: string; destination?: string }) => {
    const next = { ...match, ...patch };
    change({ match: { source: next.source ?? '', destination: next.destination ?? '' } });
  };
  const common = isReady ? {} : { disabled: true, placeholder: 'Choose both objects first' };
  return (
    <Stack gap={4} data-path="match">
      <Text size="sm" fw={600} component="h2" m={0}>
        Match by
      </Text>
      <Text size="xs" c="dimmed">
        A source record and a destination record are the same if these two fields are equal. For people this is usually
        the e-mail.
      </Text>
      <Group align="flex-start" grow preventGrowOverflow={false} wrap="wrap">
        <FieldSelect
          {...common}
          label={`${source.object?.label ?? 'Source'} field`}
          fields={source.object?.fields.filter(({ type }) => type !== 'other') ?? []}
          value={match.source ?? ''}
          onChange={(name) => choose({ source: name })}
          error={messageAt('match.source') ?? (match.source ? undefined : messageAt('match'))}
          data-path="match.source"
        />
        <FieldSelect
          {...common}
          label={`${destination.object?.label ?? 'Destination'} field`}
          fields={destination.object?.fields.filter(({ matchable }) => matchable) ?? []}
          value={match.destination ?? ''}
          onChange={(name) => choose({ destination: name })}
          error={messageAt('match.destination') ?? (match.destination ? undefined : messageAt('match'))}
          data-path="match.destination"
        />
      </Group>
    </Stack>
  );
}
