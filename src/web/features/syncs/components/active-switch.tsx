import { Switch } from '@mantine/core';
import type { Sync } from '../api';
import { CONTROLS } from '../lib/controls';
import type { SyncAction } from './sync-actions';

interface ActiveSwitchProps {
  sync: Sync;
  /** What can be done with the sync now. */
  actions: readonly SyncAction[];
}

/** Pauses a sync, or lets it go on; its status stands beside. None where neither is possible: before it is activated, and after its end. */
export function ActiveSwitch({ sync, actions }: ActiveSwitchProps) {
  const isActive = sync.status === 'active';
  const { word } = CONTROLS[isActive ? 'pause' : 'resume'];
  const action = actions.find(({ label }) => label === word);
  if (!action) return null;
  return (
    <Switch
      size="md"
      checked={isActive}
      aria-label={`${sync.name} is active`}
      aria-busy={action.isBusy || undefined}
      onChange={() => void action.run()}
    />
  );
}
