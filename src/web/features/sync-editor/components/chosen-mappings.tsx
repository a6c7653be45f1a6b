import { Button, Checkbox, Group } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useRef } from 'react';
import { counted } from '../../../lib/format';
import type { MappingRow } from '../lib/sync-form';
import type { MappingRows } from '../state/use-mapping-rows';

interface ChosenMappingsProps {
  shown: readonly MappingRow[];
  /** Keys of rows; those that are not shown count for nothing. */
  chosen: ReadonlySet<string>;
  onChoose(keys: ReadonlySet<string>): void;
  rows: MappingRows;
}

/** Chooses all mappings that are shown, and does away with those that are chosen. */
export function ChosenMappings({ shown, chosen, onChoose, rows }: ChosenMappingsProps) {
  const all = useRef<HTMLInputElement>(null);
  const keys = shown.map(({ key }) => key).filter((key) => chosen.has(key));
  return (
    <Group gap="sm" mih={30}>
      <Checkbox
        ref={all}
        size="xs"
        label="Choose all shown"
        checked={keys.length > 0 && keys.length === shown.length}
        indeterminate={keys.length > 0 && keys.length < shown.length}
        onChange={(event) => onChoose(new Set(event.currentTarget.checked ? shown.map(({ key }) => key) : []))}
      />
      {keys.length > 0 && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTrash size={14} aria-hidden />}
          onClick={() => {
            rows.removeRows(keys);
            onChoose(new Set());
            // the button goes with what was chosen
            all.current?.focus();
          }}
        >
          Remove {counted(keys.length, 'mapping')}
        </Button>
      )}
    </Group>
  );
}
