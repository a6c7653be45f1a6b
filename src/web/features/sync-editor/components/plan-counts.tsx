import { Group, SimpleGrid, Text, UnstyledButton } from '@mantine/core';
import { IconEqual, IconMinus } from '@tabler/icons-react';
import { Fragment } from 'react';
import { PLAN_ACTIONS, type PlanAction } from '../../../../domain/preview';
import { formatNumber } from '../../../lib/format';
import type { Preview } from '../api';
import { ACTION_WORDS } from '../lib/plan-actions';
import classes from './plan-counts.module.css';

interface PlanCountsProps {
  preview: Preview;
  /** The one before, to tell what has changed. */
  before: Preview | null;
  /** The action whose records are shown; null for all. */
  action: PlanAction | null;
  onAction(action: PlanAction | null): void;
}

/** What drops out on the way from what is read to what is compared with the destination. */
const DROPPED = ['filteredOut', 'duplicate'] as const;
const COMPARED = PLAN_ACTIONS.filter((action) => !DROPPED.some((dropped) => dropped === action));

/** How many records are read, drop out, and have each action; each figure leads to its records below. */
export function PlanCounts({ preview, before, action, onAction }: PlanCountsProps) {
  const compared = preview.read - DROPPED.reduce((sum, name) => sum + countOf(preview, name), 0);
  const tile = (name: PlanAction) => (
    <Tile
      words={ACTION_WORDS[name]}
      count={countOf(preview, name)}
      before={before && countOf(before, name)}
      isChosen={action === name}
      onClick={() => onAction(name)}
    />
  );
  return (
    <>
      <Group gap="xs" role="group" aria-label="What is read, and what drops out">
        <Tile
          words="read"
          count={preview.read}
          before={before?.read ?? null}
          isChosen={action === null}
          onClick={() => onAction(null)}
        />
        {DROPPED.map((name) => (
          <Group key={name} gap="xs" wrap="nowrap">
            <IconMinus size={14} className={classes.sign} aria-hidden />
            {tile(name)}
          </Group>
        ))}
        <Group gap="xs" wrap="nowrap">
          <IconEqual size={14} className={classes.sign} aria-hidden />
          <Text size="sm" component="span">
            <b>{formatNumber(compared)}</b> compared with the destination
          </Text>
        </Group>
      </Group>
      <SimpleGrid
        cols={{ base: 2, xs: 3, sm: COMPARED.length }}
        spacing="xs"
        role="group"
        aria-label="What a run would do"
      >
        {COMPARED.map((name) => (
          <Fragment key={name}>{tile(name)}</Fragment>
        ))}
      </SimpleGrid>
    </>
  );
}

interface TileProps {
  words: string;
  count: number;
  before: number | null;
  isChosen: boolean;
  onClick(): void;
}

function Tile({ words, count, before, isChosen, onClick }: TileProps) {
  const change = before === null ? 0 : count - before;
  return (
    <UnstyledButton className={classes.tile} aria-pressed={isChosen} onClick={onClick}>
      <Text component="span" display="block" fw={700} fz="lg">
        {formatNumber(count)}
      </Text>
      <Text component="span" display="block" size="sm">
        {words}
      </Text>
      {change !== 0 && (
        <Text component="span" display="block" size="xs" c="dimmed">
          {change > 0 ? '+' : '−'}
          {formatNumber(Math.abs(change))} since the last preview
        </Text>
      )}
    </UnstyledButton>
  );
}

/** How many records an action would have. */
export const countOf = ({ plan }: Preview, action: PlanAction): number =>
  plan[action === 'duplicate' ? 'duplicates' : action];
