import { Radio, Stack } from '@mantine/core';
import { useEditor } from '../state/editor-context';

/** What each run of an interval reads. */
export function RecordsOfEachRun() {
  const { form, change } = useEditor();
  return (
    <Radio.Group
      label="Records of each run"
      value={form.records}
      onChange={(records) => change({ records: records === 'changed' ? 'changed' : 'all' })}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="all" label="All that the filter selects" />
        <Radio value="changed" label="Only those that have changed since the last run" />
      </Stack>
    </Radio.Group>
  );
}
