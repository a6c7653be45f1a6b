import { Button, Text } from '@mantine/core';
import { useEditor } from '../state/editor-context';

/** On a live sync what is previewed is what is saved: changes come first. */
export function PreviewAgain({ onClick }: { onClick(): void }) {
  const { isLive, isChanged } = useEditor();
  return isLive && isChanged ? (
    <Text size="sm">Save the changes first.</Text>
  ) : (
    <Button size="compact-sm" onClick={onClick}>
      Preview again
    </Button>
  );
}
