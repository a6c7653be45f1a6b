import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { DefinitionsPlan } from '../../../../api/schemas/definitions';
import { AnchorLink } from '../../../components/links';
import { counted, formatNumber } from '../../../lib/format';
import { changeInWords, effectOf } from '../lib/plan-words';
import classes from './file-problems.module.css';

type Item = DefinitionsPlan['connections'][number] | DefinitionsPlan['syncs'][number];

interface PlanProps {
  plan: DefinitionsPlan;
  /** It has been carried out. */
  isDone: boolean;
}

const WORDS = {
  create: { ahead: 'Will be created', done: 'Created' },
  change: { ahead: 'Will be changed', done: 'Changed' },
} as const;

/** What a file of that size is looked at for; the counts tell of all. */
const MOST_SHOWN = 200;

/** What a file creates and changes, member by member. What stays as it is is counted alone. */
export function PlanList({ plan: { counts, connections, syncs }, isDone }: PlanProps) {
  const items = [
    ...connections.map((item) => ({ item, what: 'Connection' as const })),
    ...syncs.map((item) => ({ item, what: 'Sync' as const })),
  ].filter(({ item }) => item.action !== 'unchanged');
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        {isDone ? 'What has changed' : 'What would change'}
      </Title>
      <Text size="sm" role="status">
        {formatNumber(counts.create)} {isDone ? 'created' : 'to be created'}, {formatNumber(counts.change)}{' '}
        {isDone ? 'changed' : 'to be changed'}, {formatNumber(counts.unchanged)} as they are. What is not in the file is
        left alone, and nothing is deleted.
      </Text>
      {items.slice(0, MOST_SHOWN).map(({ item, what }) => (
        <PlannedItem key={item.path} item={item} what={what} isDone={isDone} />
      ))}
      {items.length > MOST_SHOWN && (
        <Text size="sm">And {counted(items.length - MOST_SHOWN, 'more')}, that are not shown.</Text>
      )}
    </Stack>
  );
}

interface PlannedItemProps {
  item: Item;
  what: 'Connection' | 'Sync';
  isDone: boolean;
}

function PlannedItem({ item, what, isDone }: PlannedItemProps) {
  const { name, action, id, changes } = item;
  if (action === 'unchanged') return null;
  const effect = what === 'Sync' ? effectOf(item) : null;
  return (
    <Paper withBorder p="sm" component="section" aria-label={`${what} ${name}`}>
      <Group gap="xs">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {what}{' '}
          {what === 'Sync' && id !== null ? (
            <AnchorLink to="/syncs/$syncId" params={{ syncId: id }} size="sm" fw={600}>
              {name}
            </AnchorLink>
          ) : (
            name
          )}
        </Text>
        <Badge variant="default" tt="none">
          {WORDS[action][isDone ? 'done' : 'ahead']}
        </Badge>
      </Group>
      {effect !== null && (
        <Text size="sm" c="dimmed">
          {effect}
        </Text>
      )}
      {changes.length > 0 && (
        <ul className={classes.list}>
          {changes.map(changeInWords).map(({ path, text }) => (
            <li key={path}>
              <Text size="sm">
                <b>{path}</b>: {text}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </Paper>
  );
}
