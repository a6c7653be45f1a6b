import { List, Stack, Table, Text, Title } from '@mantine/core';
import type { DraftDefinition, Mapping } from '../../../../domain/definition';
import { howInWords, rulesInWords, sourceInWords } from '../lib/definition-words';
import classes from './definition-in-words.module.css';

interface DefinitionInWordsProps {
  definition: DraftDefinition;
  /** Where it reads and writes, where nothing else on the page says so. */
  ends?: { source: string; destination: string };
  /** The schedule, likewise. */
  scheduleText?: string | null;
}

/** What a sync does, in all its parts. */
export function DefinitionInWords({ definition, ends, scheduleText }: DefinitionInWordsProps) {
  const { mappings = [] } = definition;
  const rules = [
    ...(ends
      ? [
          { label: 'Source', text: ends.source },
          { label: 'Destination', text: ends.destination },
        ]
      : []),
    ...rulesInWords(definition),
    ...(scheduleText ? [{ label: 'Schedule', text: scheduleText }] : []),
  ];
  return (
    <Stack gap="sm">
      <List size="sm">
        {rules.map(({ label, text }) => (
          <List.Item key={label}>
            <b>{label}</b>: {text}
          </List.Item>
        ))}
      </List>
      <Title order={3} size="h4">
        Field mappings ({mappings.length})
      </Title>
      {mappings.length === 0 ? <Text size="sm">None yet.</Text> : <MappingTable mappings={mappings} />}
    </Stack>
  );
}

const MappingTable = ({ mappings }: { mappings: readonly Mapping[] }) => (
  <Table withTableBorder maw={900} className={classes.mappings}>
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
);
