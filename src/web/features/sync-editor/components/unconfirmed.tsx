import { Text } from '@mantine/core';
import { takenAsTheyAre } from '../lib/unchecked-rows';
import { useEditor } from '../state/editor-context';
import { PageLink } from './last-summary';

/** Says, beside what activates the sync, that this confirms the suggestions that nobody has. */
export function Unconfirmed() {
  const { form, saved, isLive } = useEditor();
  const words = takenAsTheyAre(form.mappings);
  if (!saved || isLive || words === null) return null;
  return (
    <Text size="sm" maw="24rem">
      {words}{' '}
      <PageLink syncId={saved.id} step="mappings">
        Look at the mappings
      </PageLink>
    </Text>
  );
}
