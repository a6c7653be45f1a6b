import { Stack, Table, Text, Title } from '@mantine/core';
import { Breakable } from '../../../components/breakable';
import { formatNumber, ownTimeZone } from '../../../lib/format';
import type { Preview } from '../api';
import { comparedInWords } from '../lib/deciding-dates';
import { useEditor } from '../state/editor-context';

const MOST_SHOWN = 10;

/** Groups of records with an equal match key, the largest first. */
export function PreviewDuplicates({ preview: { duplicates } }: { preview: Preview }) {
  const { form } = useEditor();
  if (!duplicates || duplicates.groups === 0) return null;
  const timeZone = form.schedule.timeZone || ownTimeZone();
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
        {duplicates.decidedBy &&
          ` The date compared is ${duplicates.decidedBy.label}, shown in the time of ${timeZone}.`}
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
          {duplicates.largest.slice(0, MOST_SHOWN).map((group) => (
            <Table.Tr key={group.matchKey}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Breakable text={group.matchKey} />
              </Table.Td>
              <Table.Td>{formatNumber(group.records)}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Kept group={group} compared={comparedInWords(duplicates, group, timeZone)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

interface KeptProps {
  group: NonNullable<Preview['duplicates']>['largest'][number];
  compared: ReturnType<typeof comparedInWords>;
}

/** Which records of a group are imported; where dates decide, what was compared. */
function Kept({ group: { kept, records }, compared }: KeptProps) {
  const { form } = useEditor();
  if (compared.length === 0) return kept ?? (form.deduplicate === 'ignoreDuplicates' ? 'none' : 'all');
  const rest = records - compared.length;
  return (
    <>
      {compared.map(({ sourceId, text }) => (
        <Text key={sourceId} size="sm" fw={sourceId === kept ? 600 : undefined}>
          {sourceId}: {text}
        </Text>
      ))}
      {rest > 0 && (
        <Text size="sm" c="dimmed">
          and {formatNumber(rest)} more
        </Text>
      )}
    </>
  );
}
