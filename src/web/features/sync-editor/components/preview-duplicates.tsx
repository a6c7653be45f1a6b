import { Stack, Table, Text, Title } from '@mantine/core';
import { Breakable } from '../../../components/breakable';
import { formatNumber } from '../../../lib/format';
import type { Preview } from '../api';
import { useEditor } from '../state/editor-context';

const MOST_SHOWN = 10;

/** Groups of records with an equal match key, the largest first. */
export function PreviewDuplicates({ preview: { duplicates } }: { preview: Preview }) {
  const { form } = useEditor();
  if (!duplicates || duplicates.groups === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Duplicates
      </Title>
      <Text size="sm">
        {duplicates.groups === 1 ? '1 match key is' : `${formatNumber(duplicates.groups)} match keys are each`} shared
        by several records.{duplicates.groups > MOST_SHOWN && ` The ${MOST_SHOWN} with the most records are listed.`}
        {form.deduplicate === 'importEverything'
          ? ' All of them are imported; you can choose another rule on the first page.'
          : ''}
      </Text>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Match key</Table.Th>
            <Table.Th>Records</Table.Th>
            <Table.Th>Kept</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {duplicates.largest.slice(0, MOST_SHOWN).map(({ matchKey, records, kept }) => (
            <Table.Tr key={matchKey}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Breakable text={matchKey} />
              </Table.Td>
              <Table.Td>{formatNumber(records)}</Table.Td>
              <Table.Td>{kept ?? (form.deduplicate === 'ignoreDuplicates' ? 'none' : 'all')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
