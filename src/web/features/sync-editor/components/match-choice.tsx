import { Group, Stack, Text } from '@mantine/core';
import { matchOf } from '../../../../domain/match';
import { useEditor } from '../state/editor-context';
import { FieldSelect } from './field-select';
import { useMessage } from './page-end';

/** By which two fields a record is recognised in the destination. */
export function MatchChoice() {
  const { form, change, source, destination } = useEditor();
  const messageAt = useMessage();
  if (!source.object || !destination.object) return null;
  const match = matchOf({ match: form.match ?? undefined }, source.object, destination.object);
  const choose = (patch: { source?: string; destination?: string }) => {
    const next = { ...match, ...patch };
    change({ match: { source: next.source ?? '', destination: next.destination ?? '' } });
  };
  const matchable = destination.object.fields.filter((field) => field.matchable);
  return (
    <Stack gap={4} data-path="match">
      <Text size="sm" fw={600} component="h2" m={0}>
        Match by
      </Text>
      <Text size="xs" c="dimmed">
        A record of the source and one of the destination are the same where these are equal. For people it is the
        e-mail as a rule.
      </Text>
      <Group align="flex-start" grow preventGrowOverflow={false} wrap="wrap">
        <FieldSelect
          label={`Field of ${source.object.label}`}
          fields={source.object.fields.filter(({ type }) => type !== 'other')}
          value={match.source ?? ''}
          onChange={(name) => choose({ source: name })}
          error={messageAt('match.source') ?? (match.source ? undefined : messageAt('match'))}
          data-path="match.source"
        />
        <FieldSelect
          label={`Field of ${destination.object.label}`}
          fields={matchable}
          value={match.destination ?? ''}
          onChange={(name) => choose({ destination: name })}
          error={messageAt('match.destination') ?? (match.destination ? undefined : messageAt('match'))}
          data-path="match.destination"
        />
      </Group>
    </Stack>
  );
}
