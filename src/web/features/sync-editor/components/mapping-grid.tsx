import { ActionIcon, Button, Group, Stack, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconPlus, IconRefresh, IconWand } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { useExamples } from '../api';
import { isMapped } from '../lib/check-form';
import { useEditor } from '../state/editor-context';
import { type MappingRows, useMappingRows } from '../state/use-mapping-rows';
import classes from './mapping-grid.module.css';
import { MappingLine } from './mapping-line';
import { RowEditor } from './row-editor';
import { UnmappedRequired } from './unmapped-required';

/** All mappings: an example of the source at the left, what it becomes at the right. On page 2, and at the bottom of page 4. */
export function MappingGrid({ suggestsAtFirst = false }: { suggestsAtFirst?: boolean }) {
  const { form, source, destination } = useEditor();
  const rows = useMappingRows();
  const [edited, setEdited] = useState<string | null>(null);
  const [added, setAdded] = useState<string | null>(null);
  const { data: examples = [], isLoading: isAskingExamples } = useExamples(form.source);
  const [at, setAt] = useState(0);
  useFirstSuggestions(rows, suggestsAtFirst);
  if (!source.object || !destination.object) {
    const problem = source.problem ?? destination.problem;
    if (problem)
      return (
        <ProblemAlert
          problem={problem}
          title="The fields could not be read"
          onRetry={source.problem ? source.refresh : destination.refresh}
        />
      );
    return source.isLoading || destination.isLoading ? (
      <Loading>Asking the systems for their fields</Loading>
    ) : (
      <Text>Choose both objects on the first page.</Text>
    );
  }
  const record = examples[at % Math.max(examples.length, 1)];
  return (
    <Stack gap="sm" data-path="mappings">
      <GridTools
        rows={rows}
        examples={examples.length}
        isAskingExamples={isAskingExamples}
        at={at}
        onStep={(step) => setAt((now) => (now + step + examples.length) % examples.length)}
      />
      <UnmappedRequired rows={rows} onAdded={setAdded} />
      <div className={classes.heads} aria-hidden>
        <span>Example value</span>
        <span>Source</span>
        <span>Destination</span>
        <span>Result value</span>
        <span />
      </div>
      <ol className={classes.lines} aria-label="Mappings">
        {form.mappings.map((row, index) => (
          <MappingLine
            key={row.key}
            row={row}
            number={index + 1}
            record={record}
            examples={examples}
            rows={rows}
            takesFocus={row.key === added}
            onEdit={() => setEdited(row.key)}
          />
        ))}
      </ol>
      {form.mappings.length === 0 && (
        <Text c="dimmed">There is no mapping yet. Add one, or let Sync suggest them.</Text>
      )}
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setAdded(rows.addRow())}
        >
          Add mapping
        </Button>
      </Group>
      <RowEditor
        row={form.mappings.find(({ key }) => key === edited) ?? null}
        rows={rows}
        onClose={() => setEdited(null)}
      />
    </Stack>
  );
}

/** On the first visit, as soon as both objects are known, the obvious is proposed. */
function useFirstSuggestions(rows: MappingRows, isWanted: boolean): void {
  const { form, source, destination } = useEditor();
  const isAsked = useRef(false);
  const isReady = source.object !== null && destination.object !== null;
  const isFirst = isWanted && form.mappings.length === 0;
  useEffect(() => {
    if (!isReady || isAsked.current || !isFirst) return;
    isAsked.current = true;
    void rows.suggest();
  }, [isReady, isFirst, rows.suggest]);
}

interface GridToolsProps {
  rows: MappingRows;
  examples: number;
  isAskingExamples: boolean;
  at: number;
  onStep(step: number): void;
}

function GridTools({ rows, examples, isAskingExamples, at, onStep }: GridToolsProps) {
  const { form, problems, source, destination } = useEditor();
  const toMend = problems.filter(({ path }) => isMapped(path)).length;
  const unsure = form.mappings.filter(({ confidence }) => confidence === 'likely').length;
  return (
    <>
      <Group justify="space-between" gap="sm">
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            loading={rows.isSuggesting}
            leftSection={<IconWand size={14} aria-hidden />}
            onClick={() => void rows.suggest()}
          >
            Suggest mappings
          </Button>
          {unsure > 0 && (
            <Button variant="default" size="xs" onClick={rows.confirmAll}>
              Confirm all suggestions
            </Button>
          )}
          <Button
            variant="default"
            size="xs"
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() => {
              source.refresh();
              destination.refresh();
            }}
          >
            Refresh fields
          </Button>
        </Group>
        {examples > 0 ? (
          <Group gap={4}>
            <ActionIcon variant="default" aria-label="Previous example" onClick={() => onStep(-1)}>
              <IconChevronLeft size={16} aria-hidden />
            </ActionIcon>
            <Text size="sm" aria-live="polite">
              Example {at + 1} of {examples}
            </Text>
            <ActionIcon variant="default" aria-label="Next example" onClick={() => onStep(1)}>
              <IconChevronRight size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            {isAskingExamples ? 'Asking for examples…' : 'No example of this object can be had quickly.'}
          </Text>
        )}
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {form.mappings.length} mappings{toMend > 0 ? `, ${toMend} to mend` : ''}
        {unsure > 0 ? `, ${unsure} likely: please check` : ''}. {rows.told}
      </Text>
      {rows.problem ? (
        <ProblemAlert problem={rows.problem} title="Nothing could be suggested" onRetry={() => void rows.suggest()} />
      ) : null}
    </>
  );
}
