import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { PlanAction } from '../../../../domain/preview';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import type { Preview } from '../api';
import { quickFix } from '../lib/quick-fix';
import { shownValue } from '../lib/try-mapping';
import { useEditor } from '../state/editor-context';
import { useMappingRows } from '../state/use-mapping-rows';
import { RECORDS_ID, type ShownRecords } from './preview-records';
import { RowEditor } from './row-editor';

const VERBS = { refuse: 'would be refused', skip: 'would be skipped', warn: 'are probably not meant so' } as const;

const MOST_CHARACTERS = 60;
/** The beginning of a long value; the whole one stands in its record. */
const begun = (text: string): string => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text);

interface PreviewProblemsProps {
  preview: Preview;
  onShow(shown: ShownRecords): void;
}

/** What is refused, skipped or doubtful, grouped by what to do, with a quick way to mend the mapping. */
export function PreviewProblems({ preview, onShow }: PreviewProblemsProps) {
  const { form, destination } = useEditor();
  const rows = useMappingRows();
  const [edited, setEdited] = useState<string | null>(null);
  if (preview.problems.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        To look at
      </Title>
      {preview.problems.map((group) => {
        const row = form.mappings.find(({ to }) => to === group.field);
        const field = destination.object?.fields.find(({ name }) => name === group.field);
        const fix = row && field ? quickFix(group.code, row, field) : null;
        return (
          <Paper
            withBorder
            p="sm"
            key={`${group.action} ${group.code} ${group.field} ${group.message}`}
            style={{ overflowWrap: 'anywhere' }}
          >
            <Text size="sm" fw={600}>
              {counted(group.records, 'record')} {VERBS[group.action]}
              {group.field ? ` · ${group.field}` : ''}
            </Text>
            <Text size="sm">{group.message ?? reasonInWords(group.code)}</Text>
            <Text size="sm" c="dimmed">
              Such as:{' '}
              {group.examples
                .slice(0, 3)
                .map(
                  ({ sourceId, matchKey, value }) =>
                    `${matchKey ?? sourceId}${value === null ? '' : ` (“${begun(shownValue(value))}”)`}`,
                )
                .join(', ')}
            </Text>
            <Group gap="xs" mt={6}>
              {row && fix && (
                <Button size="compact-sm" variant="default" onClick={() => rows.changeRow(row.key, fix.patch)}>
                  {fix.label}
                </Button>
              )}
              {row && (
                <Button size="compact-sm" variant="default" onClick={() => setEdited(row.key)}>
                  Edit the mapping of {field?.label ?? row.to}
                </Button>
              )}
              {group.action !== 'warn' && <ShowRecords action={group.action} code={group.code} onShow={onShow} />}
            </Group>
          </Paper>
        );
      })}
      <RowEditor
        row={form.mappings.find(({ key }) => key === edited) ?? null}
        rows={rows}
        onClose={() => setEdited(null)}
      />
    </Stack>
  );
}

/** Leads to the records of a group, in the table below. */
function ShowRecords({
  action,
  code,
  onShow,
}: { action: PlanAction; code: string } & Pick<PreviewProblemsProps, 'onShow'>) {
  return (
    <Button
      size="compact-sm"
      variant="default"
      onClick={() => {
        onShow({ action, reason: code, field: null });
        document.getElementById(RECORDS_ID)?.scrollIntoView({ block: 'start' });
        document.getElementById(RECORDS_ID)?.focus({ preventScroll: true });
      }}
    >
      Show the records
    </Button>
  );
}
