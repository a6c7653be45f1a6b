import { List, Stack, Table, Text, Title } from '@mantine/core';
import type { DraftDefinition } from '../../../../domain/definition';
import { capitalised, formatNumber } from '../../../lib/format';
import { useEndInWords, useObjectOf } from '../../connections/names';
import { endsOf, mappingInWords, rulesInWords, type ValueEntry } from '../lib/definition-words';
import classes from './definition-in-words.module.css';

interface DefinitionInWordsProps {
  definition: DraftDefinition;
  /** Tells also where it reads and writes, and when, where nothing else on the page says so; null where it has no schedule. */
  whole?: { scheduleText: string | null };
}

/** What a sync does, in all its parts. */
export function DefinitionInWords({ definition, whole }: DefinitionInWordsProps) {
  const { source, destination, mappings = [] } = definition;
  const endInWords = useEndInWords([source, destination]);
  const objectOf = useObjectOf(endsOf(definition));
  const rules = [
    ...(whole
      ? [
          { label: 'Source', text: endInWords(source) },
          { label: 'Destination', text: endInWords(destination) },
        ]
      : []),
    ...rulesInWords(definition, objectOf),
    ...(whole?.scheduleText ? [{ label: 'Schedule', text: whole.scheduleText }] : []),
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
      {mappings.length === 0 ? (
        <Text size="sm">None yet.</Text>
      ) : (
        <MappingTable mappings={mappings.map((mapping) => mappingInWords(mapping, definition, objectOf))} />
      )}
    </Stack>
  );
}

const MappingTable = ({ mappings }: { mappings: readonly ReturnType<typeof mappingInWords>[] }) => (
  <Table withTableBorder maw={900} className={classes.mappings}>
    <Table.Thead>
      <Table.Tr>
        <Table.Th scope="col">Source</Table.Th>
        <Table.Th scope="col">Destination field</Table.Th>
        <Table.Th scope="col">How</Table.Th>
      </Table.Tr>
    </Table.Thead>
    <Table.Tbody>
      {mappings.map(({ from, isField, to, how, values }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same field can be mapped twice while it is written
        <Table.Tr key={`${index} ${to}`}>
          <Table.Td>{isField ? from : capitalised(from)}</Table.Td>
          <Table.Td>{to}</Table.Td>
          <Table.Td>
            {how}
            {values.length > 0 && <ValueTable to={to} values={values} />}
          </Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Table>
);

/** Of longer tables the rest is in the definition as JSON or YAML. */
const MOST_ENTRIES = 200;

/** What each value becomes, once one asks for it. */
const ValueTable = ({ to, values }: { to: string; values: readonly ValueEntry[] }) => (
  <details>
    <summary>
      Show the value table<span className="visually-hidden"> of {to}</span>
    </summary>
    <List size="sm">
      {values.slice(0, MOST_ENTRIES).map(({ value, becomes }) => (
        <List.Item key={value}>
          {value} → {becomes}
        </List.Item>
      ))}
      {values.length > MOST_ENTRIES && <List.Item>{formatNumber(values.length - MOST_ENTRIES)} more</List.Item>}
    </List>
  </details>
);
