import { Code, List, Stack, Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DraftDefinition, Mapping } from '../../../../domain/definition';
import { filterInWords } from '../../../../domain/filter-words';
import type { ObjectDescription } from '../../../../domain/object-description';
import { formatNumber } from '../../../lib/format';
import type { Sync } from '../api';

/** Names of columns stand for their labels, for which the vendor would have to be asked. */
const WITHOUT_LABELS = { fields: [] as ObjectDescription['fields'] } as ObjectDescription;

/** What a sync does, in all its parts. */
export function DefinitionInWords({ sync }: { sync: Sync }) {
  const mappings = sync.mappings ?? [];
  return (
    <section aria-labelledby="definition">
      <Stack gap="sm">
        <Title order={2} size="h3" id="definition">
          Definition
        </Title>
        <List size="sm">
          {rulesOf(sync).map((rule) => (
            <List.Item key={rule}>{rule}</List.Item>
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
                  <Table.Td>{howInWords(mapping).join('; ') || 'As it is'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </section>
  );
}

const DEDUPLICATE_WORDS: Record<NonNullable<DraftDefinition['deduplicate']>, string> = {
  importEverything: 'Import everything',
  ignoreDuplicates: 'Ignore all duplicates and do not import',
  youngestByLastUpdate: 'Choose youngest record by last update date',
  oldestByCreation: 'Choose oldest record by creation date',
};

const IMPORT_WORDS: Record<NonNullable<DraftDefinition['importRule']>, string> = {
  create: 'create only',
  update: 'update only',
  createAndUpdate: 'create and update',
};

/** Every rule as a sentence, without those that do nothing. */
function rulesOf(sync: DraftDefinition): string[] {
  const { filter, match, records, stopAfterFailures, firstRun, salesforce } = sync;
  const rules = [
    filter ? `Filter: ${filterInWords(filter, WITHOUT_LABELS)}` : 'Filter: none, all records are read',
    records === 'changed' && 'Reads only what changed since the last successful execution',
    `Deduplicate Contact Rule: ${DEDUPLICATE_WORDS[sync.deduplicate ?? 'importEverything']}`,
    `Import Rule: ${IMPORT_WORDS[sync.importRule ?? 'createAndUpdate']}`,
    match
      ? `Matches ${match.source} with ${match.destination}`
      : 'Matches by the default of the objects (e-mail for people)',
    `Blank values ${sync.blankValues === 'clear' ? 'clear' : 'keep'} what the destination has`,
    stopAfterFailures &&
      `Stops when more than ${stopAfterFailures.percent}% of the last ${formatNumber(stopAfterFailures.of)} records failed`,
    firstRun && `The first run loads ${formatNumber(firstRun.records)} records and waits for you`,
    salesforce?.assignmentRules && 'Salesforce runs its assignment rules',
    salesforce?.allowDuplicates && 'Salesforce saves records that its alert-only duplicate rules would report',
  ];
  return rules.filter((rule) => typeof rule === 'string');
}

function sourceInWords({ from }: Mapping): ReactNode {
  if ('field' in from) return from.field;
  if ('constant' in from) return `The constant ${from.constant === null ? 'blank' : `"${from.constant}"`}`;
  return <Code>{from.expression}</Code>;
}

const OTHERWISE_WORDS = { pass: 'others stay', blank: 'others become blank', fail: 'others fail' } as const;
const MISSING_WORDS = {
  fail: 'else the record fails',
  blank: 'else blank',
  skip: 'else the record is skipped',
} as const;

function howInWords({ values, otherwise = 'pass', lookup, default: fallback, blankValues }: Mapping): string[] {
  const entries = Object.keys(values ?? {}).length;
  return [
    ...(values
      ? [
          `Value table with ${formatNumber(entries)} ${entries === 1 ? 'entry' : 'entries'}, ${OTHERWISE_WORDS[otherwise]}`,
        ]
      : []),
    ...(lookup ? [`Finds ${lookup.object} by ${lookup.by}, ${MISSING_WORDS[lookup.missing]}`] : []),
    ...(fallback === undefined || fallback === null ? [] : [`"${fallback}" where it is blank`]),
    ...(blankValues ? [`Blank values ${blankValues}`] : []),
  ];
}
