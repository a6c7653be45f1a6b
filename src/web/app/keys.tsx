import { Kbd, Modal, Stack, Switch, Table, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useEffect } from 'react';

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'Go to the search of the page'],
  [['?'], 'Show these shortcuts'],
  [['Ctrl', 'Enter'], 'Next page of the editor (on a Mac also Cmd and Enter)'],
  [['Enter'], 'Add a condition below the one that has the focus, or a mapping below the last'],
  [['Alt', '↑ or ↓'], 'Move the mapping or condition that has the focus'],
  [['Alt', 'D'], 'Make another mapping like the one that has the focus'],
  [['Esc'], 'Close a dialog, a menu or a list of choices'],
  [['Tab'], 'Go on to the next field or button, with Shift to the one before'],
];

const FIELDS = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';

/** A letter that is typed into something is no command. */
const isTyping = (target: EventTarget | null): boolean => target instanceof Element && target.closest(FIELDS) !== null;
const isDialogOpen = (): boolean => document.querySelector('[role="dialog"]') !== null;

/** Goes to the search of the page. @returns false where there is none */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('#content [role="search"] input');
  field?.focus();
  field?.select();
  return field !== null;
}

interface KeysProps {
  isOpen: boolean;
  onOpen(): void;
  onClose(): void;
}

/** Single keys that work on every page, and the dialog that lists them, where they can be switched off. */
export function Keys({ isOpen, onOpen, onClose }: KeysProps) {
  const [isOn, setIsOn] = useLocalStorage({ key: 'sync.single-keys', defaultValue: true });
  useEffect(() => {
    if (!isOn) return;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || isDialogOpen()) return;
      if (event.key === '?') onOpen();
      else if (event.key !== '/' || !focusSearch()) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [isOn, onOpen]);
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Keyboard shortcuts"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Table>
          <Table.Thead className="visually-hidden">
            <Table.Tr>
              <Table.Th scope="col">Keys</Table.Th>
              <Table.Th scope="col">What they do</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {KEYS.map(([keys, what]) => (
              <Table.Tr key={what}>
                <Table.Td miw={130} style={{ whiteSpace: 'nowrap' }}>
                  {keys.map((key, index) => (
                    <span key={key}>
                      {index > 0 && ' + '}
                      <Kbd>{key}</Kbd>
                    </span>
                  ))}
                </Table.Td>
                <Table.Td>{what}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Switch
          label="Single-key shortcuts"
          checked={isOn}
          onChange={(event) => setIsOn(event.currentTarget.checked)}
          data-autofocus
        />
        <Text size="xs" c="dimmed">
          Switch them off if a voice or another program types for you. While you type in a field they do nothing.
        </Text>
      </Stack>
    </Modal>
  );
}
