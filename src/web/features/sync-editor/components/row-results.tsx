import { Stack, Table, Text } from '@mantine/core';
import { Breakable } from '../../../components/breakable';
import { type Example, useExamples } from '../api';
import type { MappingRow } from '../lib/sync-form';
import { shownValue } from '../lib/try-mapping';
import { useEditor } from '../state/editor-context';
import { useRowProblems, useTried } from '../state/use-row';
import { ResultValue } from './result-value';

const MOST_SHOWN = 5;

/** Of the examples those that tell most: with a value in the field, where there is one. */
function telling(row: MappingRow, examples: readonly Example[]): Example[] {
  const isBlank = ({ values }: Example) => row.kind === 'field' && (values[row.field] ?? '') === '';
  return [...examples.filter((one) => !isBlank(one)), ...examples.filter(isBlank)].slice(0, MOST_SHOWN);
}

/** What a mapping makes of a few examples as it is changed, and what is wrong with it. */
export function RowResults({ row }: { row: MappingRow }) {
  const { form } = useEditor();
  const { data: examples = [] } = useExamples(form.source);
  const tried = useTried(row);
  const problems = useRowProblems(row.key);
  return (
    <Stack gap="xs">
      <div role="status">
        {problems.map(({ path, message }) => (
          <Text key={`${path} ${message}`} size="sm" c="var(--mantine-color-error)">
            {message}
          </Text>
        ))}
      </div>
      {tried && examples.length > 0 && (
        <Table layout="fixed" aria-label="Results for some examples">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{row.kind === 'field' ? 'Example value' : 'Example'}</Table.Th>
              <Table.Th scope="col">Result value</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {telling(row, examples).map(({ sourceId, values }) => (
              <Table.Tr key={sourceId}>
                <Table.Th scope="row" fw={400} style={{ overflowWrap: 'anywhere' }}>
                  <Breakable text={row.kind === 'field' ? shownValue(values[row.field]) : `Record ${sourceId}`} />
                </Table.Th>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  <ResultValue tried={tried(values)} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
