import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconPencil } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Mapping } from '../../../../domain/definition';
import { NamedRecords } from '../../../components/named-records';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import type { Preview } from '../api';
import { quickFix } from '../lib/quick-fix';
import { type SincePreview, sincePreview } from '../lib/since-preview';
import type { MappingRow } from '../lib/sync-form';
import { shownValue } from '../lib/try-mapping';
import { useEditor } from '../state/editor-context';
import { previewedMappings } from '../state/use-latest-preview';
import { type MappingRows, useMappingRows } from '../state/use-mapping-rows';
import classes from './notice.module.css';
import { PreviewAgain } from './preview-again';
import { leadToRecords, type ShownRecords } from './preview-records';
import { RowEditor } from './row-editor';

/** Codes of what fits several records of the destination. */
const AMBIGUOUS_CODES = ['ambiguous', '1007', 'MULTIPLE_CHOICES', 'DUPLICATE_EXTERNAL_ID'];

const VERBS = { refuse: 'would be refused', skip: 'would be skipped', warn: 'may not be what you expect' } as const;
const VERBS_BEFORE = {
  refuse: 'would have been refused',
  skip: 'would have been skipped',
  warn: 'may not have been what you expect',
} as const;

/** What a card is about: the field, or why, where that is not one field. */
const subjectOf = ({ field, code }: Preview['problems'][number], label: string | undefined): string =>
  field === null ? reasonInWords(code) : `${label ?? field}: ${reasonInWords(code)}`;

const MOST_CHARACTERS = 60;
/** The beginning of a long value; the whole one stands in its record. */
const begun = (text: string): string => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text);

interface PreviewProblemsProps {
  preview: Preview;
  onShow(shown: ShownRecords): void;
  onPreviewAgain(): void;
}

/** What is refused, skipped or doubtful, grouped by what to do, with a quick way to mend the mapping. */
export function PreviewProblems({ preview, onShow, onPreviewAgain }: PreviewProblemsProps) {
  const { form } = useEditor();
  const rows = useMappingRows();
  const [edited, setEdited] = useState<string | null>(null);
  if (preview.problems.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Needs attention
      </Title>
      {preview.problems.map((group) => (
        <ProblemCard
          key={`${group.action} ${group.code} ${group.field} ${group.message}`}
          group={group}
          rows={rows}
          onEdit={setEdited}
          onShow={onShow}
          onPreviewAgain={onPreviewAgain}
        />
      ))}
      <RowEditor
        row={form.mappings.find(({ key }) => key === edited) ?? null}
        rows={rows}
        onClose={() => setEdited(null)}
      />
    </Stack>
  );
}

interface ProblemCardProps extends Omit<PreviewProblemsProps, 'preview'> {
  group: Preview['problems'][number];
  rows: MappingRows;
  onEdit(rowKey: string): void;
}

/** One thing that the preview has found; once its mapping is another one, that it may be mended. */
function ProblemCard({ group, rows, onEdit, onShow, onPreviewAgain }: ProblemCardProps) {
  const { form, asDraft, destination, saved } = useEditor();
  const row = form.mappings.find(({ to }) => to === group.field);
  const field = destination.object?.fields.find(({ name }) => name === group.field);
  const fix = row && field ? quickFix(group.code, row, field) : null;
  const ofField = ({ to }: Mapping) => to === group.field;
  const since = sincePreview(
    group.code,
    field,
    previewedMappings(saved?.id ?? '').find(ofField),
    asDraft.draft.mappings?.find(ofField),
  );
  const isAsPreviewed = since.kind === 'same';
  const buttons = useRef<HTMLDivElement>(null);
  const mend = (rowKey: string, patch: Partial<MappingRow>) => {
    rows.changeRow(rowKey, patch);
    // its button goes, and what comes next stands in its place
    requestAnimationFrame(() => buttons.current?.querySelector('button')?.focus());
  };
  return (
    <Paper withBorder p="sm" style={{ overflowWrap: 'anywhere' }}>
      <Text size="sm" fw={600}>
        {counted(group.records, 'record')} {(isAsPreviewed ? VERBS : VERBS_BEFORE)[group.action]}
        {' · '}
        {subjectOf(group, field?.label)}
      </Text>
      {group.message !== null && (
        <Text size="sm">
          {group.records > 1 ? 'One of them: ' : ''}
          <NamedRecords text={group.message} records={group.matches} />
        </Text>
      )}
      <Text size="sm" c="dimmed">
        Examples:{' '}
        {group.examples
          .slice(0, 3)
          .map(
            ({ sourceId, matchKey, value }) =>
              // the key may be the very value
              `${matchKey ?? sourceId}${value === null || value === matchKey ? '' : ` (“${begun(shownValue(value))}”)`}`,
          )
          .join(', ')}
      </Text>
      <Since since={since} field={field?.label ?? 'it'} />
      <Group ref={buttons} gap="xs" mt={6}>
        {!isAsPreviewed && <PreviewAgain onClick={onPreviewAgain} />}
        {isAsPreviewed && row && fix && (
          <Button size="compact-sm" variant="default" onClick={() => mend(row.key, fix.patch)}>
            {fix.label}
          </Button>
        )}
        {row && (
          <Button size="compact-sm" variant="default" onClick={() => onEdit(row.key)}>
            Change the mapping of {field?.label ?? row.to}
          </Button>
        )}
        {AMBIGUOUS_CODES.includes(group.code) && <ChooseMatchField />}
        <ShowRecords group={group} onShow={onShow} />
      </Group>
    </Paper>
  );
}

/** What was done about it since. The place that is told of stays, so that screen readers hear of it. */
function Since({ since, field }: { since: SincePreview; field: string }) {
  return (
    <Group gap={6} role="status" wrap="nowrap" mt={since.kind === 'same' ? 0 : 4}>
      {since.kind === 'mended' && (
        <>
          <IconCircleCheck size={16} className={classes.icon} aria-hidden />
          <Text size="sm" fw={600}>
            “{since.by}” fixes {field}: preview again to see what is left.
          </Text>
        </>
      )}
      {since.kind === 'changed' && (
        <>
          <IconPencil size={16} className={classes.icon} aria-hidden />
          <Text size="sm" fw={600}>
            The mapping has changed since: preview again to see whether that fixes it.
          </Text>
        </>
      )}
    </Group>
  );
}

/** Leads to where it is chosen by which fields records are matched. */
function ChooseMatchField() {
  const { goTo, saved } = useEditor();
  const navigate = useNavigate();
  const go = async () => {
    await goTo('basics');
    if (saved) {
      const params = { syncId: saved.id, step: 'basics' };
      await navigate({ to: '/syncs/$syncId/edit/$step', params, hash: 'match', replace: true });
    }
  };
  return (
    <Button size="compact-sm" variant="default" onClick={() => void go()}>
      Choose another match field
    </Button>
  );
}

/** Leads to the records of a group, in the table below. */
function ShowRecords({ group: { action, code, field }, onShow }: Pick<ProblemCardProps, 'group' | 'onShow'>) {
  return (
    <Button
      size="compact-sm"
      variant="default"
      onClick={() => {
        // what is doubtful is written: by whatever action
        const isWritten = action === 'warn';
        onShow({
          action: isWritten ? null : action,
          reason: isWritten ? null : code,
          warning: isWritten ? code : null,
          field,
        });
        leadToRecords();
      }}
    >
      Show these records
    </Button>
  );
}
