import { Card, Group, Stack } from '@mantine/core';
import { Fact } from '../../../components/fact';
import type { Sync } from '../api';
import { scheduleOf } from '../lib/schedule-words';
import { LastRun } from './last-run';
import { type Selection, SelectSync } from './selection';
import type { SyncAction } from './sync-actions';
import classes from './sync-cards.module.css';
import { NextRun, SyncName, SyncStatus } from './sync-cells';
import { SyncMenu } from './sync-menu';

interface SyncCardsProps {
  syncs: readonly Sync[];
  actionsOf(sync: Sync): SyncAction[];
  selection: Selection | null;
}

/** The list as cards, for narrow windows. */
export function SyncCards({ syncs, actionsOf, selection }: SyncCardsProps) {
  return (
    <ul className={classes.list}>
      {syncs.map((sync) => (
        <Card component="li" key={sync.id} withBorder padding="sm">
          <Stack gap="sm">
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <Group gap="sm" wrap="nowrap" align="flex-start">
                {selection && <SelectSync sync={sync} selection={selection} />}
                <SyncName sync={sync} />
              </Group>
              <SyncMenu sync={sync} actions={actionsOf(sync)} />
            </Group>
            <div>
              <SyncStatus sync={sync} actions={actionsOf(sync)} />
            </div>
            <Fact label="Schedule">{scheduleOf(sync)}</Fact>
            <Fact label="Next run">
              <NextRun sync={sync} />
            </Fact>
            <Fact label="Last execution">
              <LastRun sync={sync} />
            </Fact>
          </Stack>
        </Card>
      ))}
    </ul>
  );
}
