import { Anchor, Badge, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { countedAs, OUTCOMES } from '../../../../domain/outcome';
import { CsvDownload } from '../../../components/csv-download';
import { formatNumber } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import type { Execution } from '../api';
import { outcomeShown, type RecordsSearch, recordsFilterOf } from '../records-search';
import { OUTCOME_WORDS } from '../words';
import { RecordDrawer } from './record-drawer';
import { RecordTable } from './record-table';

const TYPING_MS = 300;

interface RecordsProps {
  execution: Execution;
  shown: RecordsSearch;
  onChange(shown: RecordsSearch): void;
  mayEdit: boolean;
  /** Gets the execution that tries a record again. */
  onBegun(retry: Execution): void;
}

/** What became of each record: searched, by outcome, to be downloaded. */
export function Records({ execution, shown, onChange, mayEdit, onBegun }: RecordsProps) {
  const { id, counts, state } = execution;
  const [opened, setOpened] = useState<string | null>(null);
  const [typed, setTyped] = useState(shown.search ?? '');
  const search = useDebouncedCallback(
    (text: string) => onChange({ ...shown, search: text.trim() || undefined }),
    TYPING_MS,
  );
  const filter = recordsFilterOf(shown, execution);
  const options = OUTCOMES.map((value) => ({
    value,
    label: `${execution.trigger === 'undo' && value === 'updated' ? 'Deleted or restored' : OUTCOME_WORDS[value]} (${formatNumber(counts[countedAs[value]])})`,
  }));
  return (
    <Stack gap="sm">
      <Title order={2} size="h3" id="records" tabIndex={-1}>
        Records
      </Title>
      <Group align="flex-end" gap="sm" role="search" aria-label="Records">
        <TextInput
          label="Search"
          placeholder="Source Id, destination Id, part of a match key"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
          leftSection={<IconSearch size={16} aria-hidden />}
          flex="1 1 240px"
          maw={420}
        />
        <NativeSelect
          label="Outcome"
          value={outcomeShown(shown, execution)}
          onChange={(event) =>
            onChange({
              ...shown,
              outcome: OUTCOMES.find((name) => name === event.currentTarget.value) ?? 'all',
              reason: undefined,
              field: undefined,
            })
          }
          data={[{ value: 'all', label: `All (${formatNumber(counts.read)})` }, ...options]}
        />
        <CsvDownload path={`/executions/${id}/records.csv`} query={filter} />
      </Group>
      {shown.reason !== undefined && (
        <Group gap="xs">
          <Text size="sm">Only records with this reason:</Text>
          <Badge variant="default" tt="none">
            {reasonInWords(shown.reason)}
            {shown.field !== undefined && ` · ${shown.field}`}
          </Badge>
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => onChange({ ...shown, reason: undefined, field: undefined })}
          >
            Show all reasons
          </Anchor>
        </Group>
      )}
      <RecordTable execution={execution} filter={filter} onOpen={setOpened} />
      <RecordDrawer
        execution={execution}
        sourceId={opened}
        mayEdit={mayEdit && state !== 'running'}
        onClose={() => setOpened(null)}
        onBegun={onBegun}
      />
    </Stack>
  );
}
