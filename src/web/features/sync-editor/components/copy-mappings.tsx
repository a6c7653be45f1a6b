import { Button, Menu, Text } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { counted } from '../../../lib/format';
import { useSyncs } from '../../syncs/api';
import { newKey } from '../lib/suggested-rows';
import { rowOf } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';

/** Takes the mappings of another sync between the same objects over. */
export function CopyMappings({ rows }: { rows: MappingRows }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Menu opened={isOpen} onChange={setOpen} width={320} position="bottom-start">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconCopy size={14} aria-hidden />}>
          Copy from another sync
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        {isOpen && <OtherSyncs rows={rows} />}
      </Menu.Dropdown>
    </Menu>
  );
}

function OtherSyncs({ rows }: { rows: MappingRows }) {
  const { form, saved } = useEditor();
  const { data: syncs, error } = useSyncs();
  const others = syncs?.filter(
    ({ id, source, destination, mappings = [] }) =>
      id !== saved?.id &&
      source?.object === form.source.object &&
      destination?.object === form.destination.object &&
      mappings.length > 0,
  );
  if (!others?.length) {
    return (
      <Menu.Label>
        {error
          ? 'The syncs could not be loaded.'
          : others
            ? `No other sync has mappings from ${form.source.object} to ${form.destination.object}.`
            : 'Loading the syncs…'}
      </Menu.Label>
    );
  }
  return others.map(({ id, name, mappings = [] }) => (
    <Menu.Item key={id} onClick={() => rows.replaceAll(mappings.map((mapping) => rowOf(mapping, newKey())))}>
      {name}
      <Text size="xs" c="dimmed">
        {counted(mappings.length, 'mapping')}
      </Text>
    </Menu.Item>
  ));
}
