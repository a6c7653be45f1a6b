import { Button, Combobox, Text, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { counted } from '../../../lib/format';
import { useSyncsNamed } from '../../syncs/api';
import { newKey } from '../lib/suggested-rows';
import { rowOf } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';

const AFTER_TYPING_MS = 300;
/** That the API takes. */
const MOST_CHARACTERS = 200;

/** Takes the mappings of another sync between the same objects over. */
export function CopyMappings({ rows }: { rows: MappingRows }) {
  const [search, setSearch] = useState('');
  const [wanted] = useDebouncedValue(search, AFTER_TYPING_MS);
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setSearch('');
    },
  });
  const { others, note } = useOthers(wanted, combobox.dropdownOpened);
  const copy = (syncId: string) => {
    const mappings = others.find(({ id }) => id === syncId)?.mappings ?? [];
    rows.replaceAll(mappings.map((mapping) => rowOf(mapping, newKey())));
    combobox.closeDropdown();
  };
  return (
    <Combobox store={combobox} width={320} position="bottom-start" onOptionSubmit={copy}>
      <Combobox.Target withAriaAttributes={false}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconCopy size={14} aria-hidden />}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          onClick={() => combobox.toggleDropdown()}
        >
          Copy from another sync
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          aria-label="Search the syncs"
          placeholder="Search by name"
          value={search}
          onChange={({ currentTarget: { value } }) => setSearch(value)}
        />
        <Combobox.Options mah={280} style={{ overflowY: 'auto' }} aria-label="Syncs to copy from">
          {others.map(({ id, name, mappings = [] }) => (
            <Combobox.Option key={id} value={id}>
              {name}
              <Text size="xs" c="dimmed">
                {counted(mappings.length, 'mapping')}
              </Text>
            </Combobox.Option>
          ))}
        </Combobox.Options>
        {note && <Combobox.Footer role="status">{note}</Combobox.Footer>}
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Other syncs between the same objects that have mappings, and what is to be said of them. */
function useOthers(search: string, isWanted: boolean) {
  const { form, saved, ...ends } = useEditor();
  const { source, destination } = form;
  const labels = [ends.source.object?.label ?? source.object, ends.destination.object?.label ?? destination.object];
  const words = `${source.object} ${destination.object} ${search}`.slice(0, MOST_CHARACTERS);
  const { data, error } = useSyncsNamed(words, isWanted);
  const others = (data?.items ?? []).filter(
    (sync) =>
      sync.id !== saved?.id &&
      sync.source?.object === source.object &&
      sync.destination?.object === destination.object &&
      (sync.mappings ?? []).length > 0,
  );
  return { others, note: noteOf() };

  function noteOf(): string | null {
    if (error) return 'The syncs could not be loaded.';
    if (!data) return 'Loading the syncs…';
    if (data.nextCursor !== null) return 'There are more: search for them.';
    if (others.length > 0) return null;
    const named = search.trim() === '' ? '' : ' of that name';
    return `No other sync${named} has mappings from ${labels.join(' to ')}.`;
  }
}
