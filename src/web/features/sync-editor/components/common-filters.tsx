import { Button, Group, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useAnnounce } from '../../../components/announcer';
import { type FilterLine, linesOf, withLine } from '../lib/filter-query';
import { newKey } from '../lib/suggested-rows';
import { useEditor } from '../state/editor-context';

/** What is filtered by most often, each one click away, before and after there are other conditions. */
export function CommonFilters() {
  const { form, change } = useEditor();
  const announce = useAnnounce();
  const common = useCommon();
  const present = form.filter ? linesOf(form.filter) : [];
  if (common.length === 0) return null;
  return (
    <Group gap="xs" role="group" aria-labelledby="common-filters">
      <Text size="sm" id="common-filters">
        Often used:
      </Text>
      {common.map(({ label, line }) => {
        const isThere = present.some(({ field, operator }) => field === line.field && operator === line.operator);
        return (
          <Button
            key={label}
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            // it keeps the focus
            aria-disabled={isThere || undefined}
            data-disabled={isThere || undefined}
            onClick={() => {
              if (isThere) return;
              change(({ filter }) => ({ filter: withLine(filter, line, newKey) }));
              announce('Condition added.');
            }}
          >
            {label}
          </Button>
        );
      })}
    </Group>
  );
}

/** Those that the source object has the fields for. */
function useCommon(): { label: string; line: FilterLine }[] {
  const { source } = useEditor();
  const updated = source.object?.updatedAtField;
  const email = source.object?.fields.find(({ type }) => type === 'email')?.name;
  const converted = source.object?.fields.find(({ name, type }) => name === 'IsConverted' && type === 'boolean')?.name;
  const choices: [string, FilterLine | null][] = [
    [
      'Changed in the last 30 days',
      updated ? { field: updated, operator: 'inLast', value: { amount: 30, unit: 'day' } } : null,
    ],
    ['Has an e-mail', email ? { field: email, operator: 'isNotEmpty', value: undefined } : null],
    ['Not converted', converted ? { field: converted, operator: 'equals', value: false } : null],
  ];
  return choices.flatMap(([label, line]) => (line ? [{ label, line }] : []));
}
