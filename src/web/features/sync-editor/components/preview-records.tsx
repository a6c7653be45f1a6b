import { Group, NativeSelect, Pill, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { PLAN_ACTIONS, type PlanAction } from '../../../../domain/preview';
import { CsvDownload } from '../../../components/csv-download';
import { JsonDownload } from '../../../components/json-download';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { api } from '../../../lib/api';
import { reasonInWords } from '../../../lib/reasons';
import type { PlannedPage, Preview } from '../api';
import { fieldOptions } from '../lib/field-options';
import { leadTo } from '../lib/lead-to';
import { ACTION_WORDS } from '../lib/plan-actions';
import { useEditor } from '../state/editor-context';
import { PlannedTable } from './planned-table';

/** Which records of a preview are shown; null for whatever. */
export interface ShownRecords {
  action: PlanAction | null;
  /** The code of why they are refused or skipped. */
  reason: string | null;
  /** The code of what is probably not meant so, although it is written. */
  warning: string | null;
  /** A field of the destination that changes, or for whose sake they are refused or skipped. */
  field: string | null;
}

interface PreviewRecordsProps {
  preview: Preview;
  shown: ShownRecords;
  onShow(shown: ShownRecords): void;
}

const AT_ONCE = 100;
const HEADING_ID = 'preview-records';

/** Brings the list into sight, and leads the focus to its heading. */
export const leadToRecords = (): void => leadTo(HEADING_ID);

/** What would happen to each record, before → after. */
export function PreviewRecords({ preview, shown, onShow }: PreviewRecordsProps) {
  const { action, reason, warning, field } = shown;
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 300);
  const query = {
    action: action ?? undefined,
    reason: reason ?? undefined,
    warning: warning ?? undefined,
    field: field ?? undefined,
    search,
  };
  const pages = useInfiniteQuery({
    queryKey: ['preview-records', preview.id, query],
    queryFn: ({ pageParam, signal }) =>
      api<PlannedPage>(`/previews/${preview.id}/records`, {
        query: { ...query, limit: AT_ONCE, cursor: pageParam ?? undefined },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const { data, error, isPending, isFetchNextPageError, refetch } = pages;
  const records = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Stack gap="xs">
      <Title order={2} size="h4" id={HEADING_ID} tabIndex={-1}>
        Records
      </Title>
      <Group gap="sm" align="flex-end" role="search" aria-label="Records of the preview">
        <NativeSelect
          label="Shown"
          maw="100%"
          value={action ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onShow({ action: PLAN_ACTIONS.find((name) => name === value) ?? null, reason: null, warning: null, field })
          }
          data={[
            { value: '', label: 'all' },
            ...PLAN_ACTIONS.map((name) => ({ value: name, label: ACTION_WORDS[name] })),
          ]}
        />
        <ReasonChoice preview={preview} shown={shown} onShow={onShow} />
        {warning !== null && (
          <Pill
            withRemoveButton
            size="lg"
            removeButtonProps={{ 'aria-label': 'Show others too', 'aria-hidden': false, tabIndex: 0 }}
            onRemove={() => onShow({ ...shown, warning: null })}
          >
            {reasonInWords(warning)}
          </Pill>
        )}
        <FieldChoice field={field} onField={(name) => onShow({ ...shown, field: name })} />
        <TextInput
          label="Search"
          placeholder="Key or Id"
          value={typed}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
        {/* none of them falls into a line of its own */}
        <Group gap="sm">
          <CsvDownload path={`/previews/${preview.id}/records.csv`} query={query} />
          <JsonDownload path={`/previews/${preview.id}/records.json`} query={query} />
        </Group>
      </Group>
      {error && !isFetchNextPageError && (
        <ProblemAlert problem={error} title="The records could not be read" onRetry={() => void refetch()} />
      )}
      {isPending && !error && <Loading>Reading the plan</Loading>}
      {data && records.length === 0 && <Text c="dimmed">No records match.</Text>}
      {records.length > 0 && <PlannedTable key={JSON.stringify(query)} records={records} pages={pages} />}
    </Stack>
  );
}

/** Of the reasons for which records are refused or skipped, one. */
function ReasonChoice({ preview, shown, onShow }: PreviewRecordsProps) {
  const { action, reason } = shown;
  const groups = preview.problems.filter(
    (group) => group.action !== 'warn' && (action ?? group.action) === group.action,
  );
  const codes = [...new Set([...groups.map(({ code }) => code), ...(reason === null ? [] : [reason])])];
  if (codes.length === 0) return null;
  return (
    <NativeSelect
      label="Reason"
      value={reason ?? ''}
      onChange={({ currentTarget: { value } }) => onShow({ ...shown, reason: value || null, warning: null })}
      data={[{ value: '', label: 'any' }, ...codes.map((code) => ({ value: code, label: reasonInWords(code) }))]}
      maw="min(100%, 320px)"
    />
  );
}

interface FieldChoiceProps {
  field: string | null;
  onField(field: string | null): void;
}

/** Of the fields that are mapped, the one that has to change, or for whose sake a record is left out. */
function FieldChoice({ field, onField }: FieldChoiceProps) {
  const { form, destination } = useEditor();
  const mapped = new Set(form.mappings.map(({ to }) => to));
  const fields = destination.object?.fields.filter(({ name }) => mapped.has(name) || name === field) ?? [];
  return (
    <NativeSelect
      label="Field"
      maw="100%"
      value={field ?? ''}
      onChange={({ currentTarget: { value } }) => onField(value || null)}
      data={[{ value: '', label: 'any' }, ...fieldOptions(fields, field)]}
    />
  );
}
