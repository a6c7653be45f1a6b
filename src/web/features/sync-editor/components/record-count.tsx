import { Group, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { ProblemAlert } from '../../../components/problem-alert';
import { useCount } from '../api';
import { conditionName, finishInWords, unfinishedConditions } from '../lib/condition-names';
import { countInWords } from '../lib/count-words';
import { VENDORS } from '../lib/vendors';
import { useEditor } from '../state/editor-context';

const AFTER_TYPING_MS = 800;

/** How many records the filter selects, counted anew some time after each change. The former figure stays, paler, until then. */
export function RecordCount({ isFilterComplete }: { isFilterComplete: boolean }) {
  const { asDraft, source } = useEditor();
  const [draft] = useDebouncedValue(asDraft.draft, AFTER_TYPING_MS);
  const { data, error, isPlaceholderData, isFetching, refetch } = useCount(draft, isFilterComplete);
  const { data: all, isLoading } = useCount({ source: asDraft.draft.source }, !isFilterComplete);
  if (!source.connection) return null;
  const vendor = VENDORS[source.connection.kind];
  if (!isFilterComplete) {
    // what cannot count all of them counts none
    const words =
      all?.records === null ? countInWords(all, vendor) : 'Complete the filter to see how many records it selects.';
    return (
      <Text size="sm" mih="1lh">
        {isLoading ? '' : words}
      </Text>
    );
  }
  const unfinished = unfinishedConditions(error);
  if (unfinished) {
    const names = unfinished.map(({ path }) => conditionName(path, draft, source.object));
    return (
      <Text size="sm" mih="1lh">
        {finishInWords(names, 'to count')}
      </Text>
    );
  }
  if (error)
    return <ProblemAlert problem={error} title="The records could not be counted" onRetry={() => void refetch()} />;
  const isOld = isPlaceholderData || draft !== asDraft.draft;
  return (
    <Group gap="xs" role="status">
      {data && (
        <Text size="sm" fw={data.records === null ? 400 : 600} c={isOld ? 'dimmed' : undefined}>
          {countInWords(data, vendor)}
        </Text>
      )}
      {/* what cannot count is not said to be counting */}
      {isFetching && data?.records !== null && <Text size="sm">Counting…</Text>}
    </Group>
  );
}
