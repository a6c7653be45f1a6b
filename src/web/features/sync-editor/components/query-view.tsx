import { Button, Code, CopyButton, Group, Paper, Stack, Tabs, Text } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconCode } from '@tabler/icons-react';
import { filterInWords } from '../../../../domain/filter-words';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { formatNumber } from '../../../lib/format';
import { useQueryView } from '../api';
import { conditionName, finishInWords, unfinishedConditions } from '../lib/condition-names';
import { readableQuery } from '../lib/readable-query';
import { VENDORS } from '../lib/vendors';
import { useEditor } from '../state/editor-context';
import classes from './query-view.module.css';

const AFTER_TYPING_MS = 500;

/** The generated filter logic: in words, as the systems get it, and what reading costs. */
export function QueryView({ isFilterComplete }: { isFilterComplete: boolean }) {
  const { asDraft, source } = useEditor();
  const [isOpen, { toggle }] = useDisclosure(false);
  const [draft] = useDebouncedValue(asDraft.draft, AFTER_TYPING_MS);
  const { data, error, isPending, refetch } = useQueryView(draft, isOpen && isFilterComplete);
  const unfinished = unfinishedConditions(error);
  const names = unfinished?.map(({ path }) => conditionName(path, draft, source.object));
  return (
    <Stack gap="xs" align="stretch">
      <div>
        <Button
          variant="default"
          leftSection={<IconCode size={16} aria-hidden />}
          aria-expanded={isOpen}
          onClick={toggle}
        >
          View Query
        </Button>
      </div>
      {isOpen && (
        <Paper withBorder p="md">
          {!isFilterComplete && <Text size="sm">Complete the filter to see its query here.</Text>}
          {isFilterComplete && names && <Text size="sm">{finishInWords(names, 'to see the query')}</Text>}
          {isFilterComplete && error && !names && <ProblemAlert problem={error} onRetry={() => void refetch()} />}
          {isFilterComplete && !error && isPending && <Loading>Preparing the query</Loading>}
          {isFilterComplete && !error && data && <QueryTabs view={data} />}
        </Paper>
      )}
    </Stack>
  );
}

type View = NonNullable<ReturnType<typeof useQueryView>['data']>;

function QueryTabs({ view }: { view: View }) {
  return (
    <Tabs defaultValue="words" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="words">Words</Tabs.Tab>
        <Tabs.Tab value="query">Query</Tabs.Tab>
        <Tabs.Tab value="cost">Cost</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="words" pt="sm">
        <Text size="sm">{view.text}</Text>
        <Text size="sm" c="dimmed" mt="xs">
          A missing value and an empty text both count as blank. “Is not”, “is none of” and “does not contain” include
          blanks; comparisons such as “is more than” do not. Upper and lower case make no difference.
        </Text>
      </Tabs.Panel>
      <Tabs.Panel value="query" pt="sm">
        <QueryParts view={view} />
      </Tabs.Panel>
      <Tabs.Panel value="cost" pt="sm">
        <Cost view={view} />
      </Tabs.Panel>
    </Tabs>
  );
}

function QueryParts({ view: { pushed, local } }: { view: View }) {
  const { source } = useEditor();
  const vendor = source.connection ? VENDORS[source.connection.kind] : 'The source';
  return (
    <Stack gap="sm">
      <div>
        <Group justify="space-between" mb={4}>
          <Text size="sm" fw={600}>
            {vendor} evaluates
          </Text>
          <CopyButton value={pushed.query}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy}>
                <span role="status">{copied ? 'Copied' : 'Copy the query'}</span>
              </Button>
            )}
          </CopyButton>
        </Group>
        <Code block tabIndex={0} className={classes.query} aria-label={`What ${vendor} evaluates`} role="region">
          {readableQuery(pushed.query)}
        </Code>
      </div>
      <div className={local ? classes.local : undefined}>
        <Text size="sm" fw={600} mb={4}>
          Sync evaluates afterwards
        </Text>
        <Text size="sm" c={local ? undefined : 'dimmed'}>
          {local && source.object
            ? `${filterInWords(local, source.object)}: ${vendor} cannot filter by that, or not in the way this filter means it.`
            : 'Nothing: the source applies the whole filter.'}
        </Text>
      </div>
    </Stack>
  );
}

function Cost({ view: { cost } }: { view: View }) {
  const told = [
    ...(cost.apiCalls === null ? [] : [`about ${formatNumber(cost.apiCalls)} calls`]),
    ...(cost.megabytes === null ? [] : [`${cost.megabytes} MB of exports`]),
  ];
  const text =
    told.length === 0
      ? 'The cost of reading is not known yet. The preview shows what a whole run costs.'
      : `Reading uses ${told.join(' and ')} of the daily limits of the source. The preview shows what a whole run costs.`;
  return <Text size="sm">{text}</Text>;
}
