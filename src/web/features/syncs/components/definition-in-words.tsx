import { List, Table, Text, Title } from '@mantine/core';
import type { Sync } from '../api';
import { howInWords, rulesInWords, sourceInWords } from '../lib/definition-words';
import { DetailSection } from './detail-section';

/** What a sync does, in all its parts. */
export function DefinitionInWords({ sync }: { sync: Sync }) {
  const mappings = sync.mappings ?? [];
  return (
    <DetailSection id="definition" title="Definition">
      <List size="sm">
        {rulesInWords(sync).map(({ label, text }) => (
          <List.Item key={label}>
            <b>{label}</b>: {text}
          </List.Item>
        ))}
      </List>
      <Title order={3} size="h4">
        Field mappings ({mappings.length})
      </Title>
      {mappings.length === 0 ? (
        <Text size="sm">None yet.</Text>
      ) : (
        <Table withTableBorder maw={900}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Source</Table.Th>
              <Table.Th scope="col">Destination field</Table.Th>
              <Table.Th scope="col">How</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {mappings.map((mapping, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same field can be mapped twice while it is written
              <Table.Tr key={`${index} ${mapping.to}`}>
                <Table.Td>{sourceInWords(mapping)}</Table.Td>
                <Table.Td>{mapping.to}</Table.Td>
                <Table.Td>{howInWords(mapping)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </DetailSection>
  );
}
