import { SimpleGrid, Text, UnstyledButton } from '@mantine/core';
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
  action: string | null;
  onAction(action: string | null): void;
}

/** How many records each action would have; each figure filters the records below. */
export function PlanCounts({ preview, before, action, onAction }: PlanCountsProps) {
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, sm: 4, md: 7 }} spacing="xs" role="group" aria-label="What a run would do">
      {PLAN_ACTIONS.map((name) => {
        const count = countOf(preview, name);
        const change = before ? count - countOf(before, name) : 0;
        return (
          <UnstyledButton
            key={name}
            className={classes.tile}
            aria-pressed={action === name}
            onClick={() => onAction(action === name ? null : name)}
          >
            <Text component="span" display="block" fw={700} fz="lg">
              {formatNumber(count)}
            </Text>
            <Text component="span" display="block" size="sm">
              {ACTION_WORDS[name]}
            </Text>
            {change !== 0 && (
              <Text component="span" display="block" size="xs" c="dimmed">
                {change > 0 ? '+' : '−'}
                {formatNumber(Math.abs(change))} since before
              </Text>
            )}
          </UnstyledButton>
        );
      })}
    </SimpleGrid>
  );
}

/** How many records an action would have. */
export const countOf = ({ plan }: Preview, action: PlanAction): number =>
  plan[action === 'duplicate' ? 'duplicates' : action];
