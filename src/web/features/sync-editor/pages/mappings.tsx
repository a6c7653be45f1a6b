import { Stack, Text } from '@mantine/core';
import { counted } from '../../../lib/format';
import { ErrorSummary } from '../components/error-summary';
import { MappingGrid } from '../components/mapping-grid';
import { PageEnd } from '../components/page-end';
import { isMapped } from '../lib/check-form';
import { useEditor } from '../state/editor-context';
import { useUnmappedRequired } from '../state/use-row';

/** Page 2: how data flows between the systems, field by field. */
export default function MappingsPage() {
  const { asDraft, problems } = useEditor();
  const unmapped = useUnmappedRequired();
  // what is required and not mapped is named
  const wrong = problems.filter(({ path }) => isMapped(path) && path !== 'mappings').length;
  const needed = [
    ...(unmapped.length > 0 ? [`map ${unmapped.map(({ label }) => label).join(', ')}`] : []),
    ...(wrong > 0 ? [`fix ${counted(wrong, 'problem')}`] : []),
  ];
  const missing = needed.length === 0 && asDraft.rowKeys.length === 0 ? ['add a mapping'] : needed;
  return (
    <Stack>
      <Text>Map source fields to destination fields. Each destination field can be mapped once.</Text>
      <ErrorSummary />
      <MappingGrid suggestsAtFirst />
      <PageEnd missing={missing} />
    </Stack>
  );
}
