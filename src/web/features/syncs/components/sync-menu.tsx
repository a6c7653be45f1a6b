import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { Sync } from '../api';
import type { SyncAction } from './sync-actions';

interface SyncMenuProps {
  sync: Sync;
  actions: readonly SyncAction[];
}

/** What can be done with a sync of the list. */
export function SyncMenu({ sync, actions }: SyncMenuProps) {
  if (actions.length === 0) return null;
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${sync.name}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map(({ label, isDangerous, isBusy, hindrance, run }) => (
          <Menu.Item
            key={label}
            onClick={() => void run()}
            disabled={isBusy || hindrance !== undefined}
            {...(isDangerous ? { c: 'var(--mantine-color-error)' } : {})}
          >
            {label}
            {hindrance && (
              <Text size="xs" span display="block">
                {hindrance}
              </Text>
            )}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
