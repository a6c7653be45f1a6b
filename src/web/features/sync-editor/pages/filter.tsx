import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconFilterPlus } from '@tabler/icons-react';
import { ErrorSummary } from '../components/error-summary';
import { FilterBuilder } from '../components/filter-builder';
import { PageEnd } from '../components/page-end';
import { QueryView } from '../components/query-view';
import { RecordCount } from '../components/record-count';
import type { FilterGroup, FilterLine } from '../lib/filter-query';
import { stepOf } from '../lib/steps';
import { newKey } from '../lib/suggested-rows';
import { useEditor } from '../state/editor-context';
import { useTouched } from '../state/use-touched';

/** Page 3: which records are included in the sync. */
export default function FilterPage() {
  const { form, problems } = useEditor();
  const touched = useTouched();
  const wrong = problems.filter(({ path }) => stepOf(path) === 'filter');
  return (
    <Stack>
      <Text>Filters control which records are included in the sync.</Text>
      <ErrorSummary />
      {form.filter ? <FilterBuilder query={form.filter} touched={touched} /> : <NoFilter />}
      <RecordCount isFilterComplete={wrong.length === 0} />
      <QueryView isFilterComplete={wrong.length === 0} />
      <PageEnd next="Preview Sync" missing={wrong.length > 0 ? [`${wrong.length} to complete in the filter`] : []} />
    </Stack>
  );
}

/** Without a filter everything is read; what is filtered by most often is one click away. */
function NoFilter() {
  const { change, source, form } = useEditor();
  const start = (line: Omit<FilterLine, 'id'>) => {
    const filter: FilterGroup = { id: newKey(), combinator: 'and', rules: [{ id: newKey(), ...line }] };
    change({ filter });
  };
  const label = source.object?.label ?? form.source.object;
  const updated = source.object?.updatedAtField;
  const email = source.object?.fields.find(({ type }) => type === 'email')?.name;
  const converted = source.object?.fields.find(({ name, type }) => name === 'IsConverted' && type === 'boolean')?.name;
  return (
    <Paper withBorder p="md">
      <Stack gap="sm" align="flex-start">
        <Text>There is no filter: all records of {label || 'the source'} will be read.</Text>
        <Group gap="xs">
          <Button
            leftSection={<IconFilterPlus size={16} aria-hidden />}
            onClick={() => start({ field: '', operator: 'equals', value: '' })}
          >
            Add Filter
          </Button>
          {updated && (
            <Button
              variant="default"
              onClick={() => start({ field: updated, operator: 'inLast', value: { amount: 30, unit: 'day' } })}
            >
              Changed in the last 30 days
            </Button>
          )}
          {email && (
            <Button variant="default" onClick={() => start({ field: email, operator: 'isNotEmpty', value: undefined })}>
              Has an e-mail
            </Button>
          )}
          {converted && (
            <Button variant="default" onClick={() => start({ field: converted, operator: 'equals', value: false })}>
              Not converted
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}
