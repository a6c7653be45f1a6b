import { Stack, Text } from '@mantine/core';
import { MappingGrid } from '../components/mapping-grid';
import { ErrorSummary, PageEnd } from '../components/page-end';
import { isMapped } from '../lib/check-form';
import { useEditor } from '../state/editor-context';

/** Page 2: how data flows between the systems, field by field. */
export default function MappingsPage() {
  const { asDraft, problems } = useEditor();
  const count = problems.filter(({ path }) => isMapped(path)).length;
  const missing = asDraft.rowKeys.length === 0 ? ['a mapping'] : count > 0 ? [`${count} to mend`] : [];
  return (
    <Stack>
      <Text>Map source fields to destination fields. Each destination field is written once.</Text>
      <ErrorSummary />
      <MappingGrid suggestsAtFirst />
      <PageEnd missing={missing} />
    </Stack>
  );
}
