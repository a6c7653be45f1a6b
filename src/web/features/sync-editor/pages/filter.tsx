import { Button, Paper, Stack, Text } from '@mantine/core';
import { IconFilterPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { counted } from '../../../lib/format';
import { CommonFilters } from '../components/common-filters';
import { ErrorSummary } from '../components/error-summary';
import { FilterBuilder } from '../components/filter-builder';
import { PageEnd } from '../components/page-end';
import { QueryView } from '../components/query-view';
import { RecordCount } from '../components/record-count';
import { withLine } from '../lib/filter-query';
import { stepOf } from '../lib/steps';
import { newKey } from '../lib/suggested-rows';
import { useEditor } from '../state/editor-context';
import { useTouched } from '../state/use-touched';

/** Page 3: which records are included in the sync. */
export default function FilterPage() {
  const { form, problems } = useEditor();
  const touched = useTouched();
  const [isBegun, setIsBegun] = useState(false);
  const wrong = problems.filter(({ path }) => stepOf(path) === 'filter');
  return (
    <Stack>
      <Text>Filters control which records are included in the sync.</Text>
      <ErrorSummary />
      {form.filter ? (
        <FilterBuilder query={form.filter} touched={touched} takesFocus={isBegun} />
      ) : (
        <NoFilter onBegin={() => setIsBegun(true)} />
      )}
      <CommonFilters />
      <RecordCount isFilterComplete={wrong.length === 0} />
      <QueryView isFilterComplete={wrong.length === 0} />
      <PageEnd
        next="Preview Sync"
        missing={wrong.length > 0 ? [`complete ${counted(wrong.length, 'filter condition')}`] : []}
      />
    </Stack>
  );
}

/** Without a filter everything is read. */
function NoFilter({ onBegin }: { onBegin(): void }) {
  const { change, source, form } = useEditor();
  const label = source.object?.label ?? form.source.object;
  return (
    <Paper withBorder p="md">
      <Stack gap="sm" align="flex-start">
        <Text>There is no filter: all {label} records of the source will be read.</Text>
        <Button
          leftSection={<IconFilterPlus size={16} aria-hidden />}
          onClick={() => {
            onBegin();
            change({ filter: withLine(null, { field: '', operator: 'equals', value: '' }, newKey) });
          }}
        >
          Add Filter
        </Button>
      </Stack>
    </Paper>
  );
}
