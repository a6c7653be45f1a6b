import { Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { ObjectDescription } from '../../../../domain/object-description';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { useExamples } from '../api';
import { withoutStale } from '../lib/suggested-rows';
import { VENDORS } from '../lib/vendors';
import { type GridView, visibleRows } from '../lib/visible-rows';
import { type EndState, useEditor } from '../state/editor-context';
import { type MappingRows, useMappingRows } from '../state/use-mapping-rows';
import { useDoubtful, useUnmappedRequired } from '../state/use-row';
import { ChosenMappings } from './chosen-mappings';
import classes from './mapping-grid.module.css';
import { MappingLine } from './mapping-line';
import { ExampleSteps, MappingTools } from './mapping-tools';
import { MappingViews } from './mapping-views';
import { RowEditor } from './row-editor';
import { UnmappedFields, UnmappedRequired } from './unmapped-fields';

/** All mappings: an example of the source at the left, what it becomes at the right. On page 2, and at the bottom of page 4. */
export function MappingGrid({ suggestsAtFirst = false }: { suggestsAtFirst?: boolean }) {
  const { form, source, destination } = useEditor();
  const rows = useMappingRows();
  useFirstSuggestions(rows, suggestsAtFirst);
  if (source.object && destination.object) {
    return <Grid rows={rows} source={source.object} destination={destination.object} />;
  }
  const problem = source.problem ?? destination.problem;
  if (problem)
    return (
      <ProblemAlert
        problem={problem}
        title="The fields could not be read"
        onRetry={() => void (source.problem ? source.refresh() : destination.refresh())}
      />
    );
  const asked = [source, destination].filter(({ isLoading }) => isLoading);
  if (asked.length > 0) {
    const cancel = () => asked.forEach((end) => void end.cancel());
    return (
      <Loading afterLong={`Still asking ${stillAsked(...asked)}.`} onCancel={cancel}>
        Asking the systems for their fields
      </Loading>
    );
  }
  const given = [form.source, form.destination];
  return given.every(({ object }) => object !== '') ? (
    <Group gap="sm">
      <Text>The fields have not been read.</Text>
      <Button variant="default" size="xs" onClick={() => void Promise.all([source.refresh(), destination.refresh()])}>
        Ask again
      </Button>
    </Group>
  ) : (
    <Text>Choose both objects on the first page.</Text>
  );
}

/** `Marketo and Salesforce` */
const stillAsked = (...ends: readonly EndState[]): string =>
  ends.map(({ connection }) => (connection ? VENDORS[connection.kind] : 'the system')).join(' and ');

interface GridProps {
  rows: MappingRows;
  source: ObjectDescription;
  destination: ObjectDescription;
}

function Grid({ rows, source, destination }: GridProps) {
  const { form, asDraft, problems, told } = useEditor();
  const [edited, setEdited] = useState<string | null>(null);
  const [added, setAdded] = useState<string | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState({ view: 'all' as GridView, search: '', kept: null as string | null });
  const { data: examples = [], isLoading: isAskingExamples } = useExamples(form.source);
  const [at, setAt] = useState(0);
  const record = examples[at % Math.max(examples.length, 1)];
  const missing = useUnmappedRequired().length;
  const doubtful = useDoubtful(examples);
  const taken = new Set(form.mappings.map(({ to }) => to));
  const visible = visibleRows(form.mappings, [...problems, ...told], { source, destination }, shown, missing, doubtful);
  const keep = (kept: string) => setShown((before) => ({ ...before, kept }));
  const onAdded = (key: string) => {
    setAdded(key);
    keep(key);
  };
  return (
    <Stack gap="sm" data-path="mappings">
      <MappingTools rows={rows} />
      <UnmappedRequired rows={rows} onAdded={onAdded} />
      <Group justify="space-between" gap="sm">
        <MappingViews
          {...shown}
          counts={visible.counts}
          onView={(view) => setShown({ ...shown, view, kept: null })}
          onSearch={(search) => setShown({ ...shown, search, kept: null })}
        />
        <ExampleSteps
          count={examples.length}
          isAsking={isAskingExamples}
          at={at}
          isFiltered={(asDraft.draft.filter ?? null) !== null}
          onStep={(step) => setAt((now) => (now + step + examples.length) % examples.length)}
        />
      </Group>
      {visible.rows.length > 0 && (
        <>
          <ChosenMappings shown={visible.rows.map(({ row }) => row)} chosen={chosen} onChoose={setChosen} rows={rows} />
          <div className={classes.heads} aria-hidden>
            <span className={classes.choice} />
            <span>Example value</span>
            <span>Source</span>
            <span>Destination</span>
            <span>Result value</span>
            <span />
          </div>
        </>
      )}
      <ol className={classes.lines} aria-label="Mappings">
        {visible.rows.map(({ row, number }) => (
          <MappingLine
            key={row.key}
            row={row}
            number={number}
            record={record}
            examples={examples}
            rows={rows}
            taken={taken}
            takesFocus={row.key === added}
            isChosen={chosen.has(row.key)}
            onChoose={(isChosen) => setChosen(isChosen ? new Set([...chosen, row.key]) : chosenBut(chosen, row.key))}
            onEdit={() => setEdited(row.key)}
            onFocus={() => keep(row.key)}
            onDuplicate={() => onAdded(rows.duplicateRow(row.key))}
            onEnter={() => row.key === visible.rows.at(-1)?.row.key && onAdded(rows.addRow())}
          />
        ))}
      </ol>
      {shown.view === 'unmapped' && (
        <UnmappedFields
          title="Destination fields without a mapping"
          fields={visible.unmapped}
          rows={rows}
          onAdded={onAdded}
        />
      )}
      {visible.rows.length === 0 && shown.view !== 'unmapped' && (
        <Text c="dimmed">
          {form.mappings.length === 0
            ? 'There are no mappings yet. Add one, or let Sync suggest them.'
            : shown.view === 'problems' && shown.search === ''
              ? `The examples show no problem in any mapping${missing > 0 ? '; what is missing is listed above' : ''}.`
              : 'No mapping matches.'}
        </Text>
      )}
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => onAdded(rows.addRow())}
        >
          Add mapping
        </Button>
        <Text size="xs" c="dimmed" visibleFrom="sm">
          Alt with ↑ or ↓ moves the focused mapping, Alt with D duplicates it. Enter in the last one adds another.
        </Text>
      </Group>
      <RowEditor
        row={form.mappings.find(({ key }) => key === edited) ?? null}
        rows={rows}
        onClose={() => setEdited(null)}
      />
    </Stack>
  );
}

const chosenBut = (chosen: ReadonlySet<string>, gone: string): ReadonlySet<string> =>
  new Set([...chosen].filter((key) => key !== gone));

/** On the first visit, as soon as both objects are known, the obvious is proposed. */
function useFirstSuggestions(rows: MappingRows, isWanted: boolean): void {
  const { form, source, destination } = useEditor();
  const isAsked = useRef(false);
  const isReady = source.object !== null && destination.object !== null;
  const fitting = withoutStale(form.mappings, source.object, destination.object).length;
  // those for another object give way to those for this one
  const isFirst = isWanted && (form.mappings.length === 0 || fitting < form.mappings.length);
  useEffect(() => {
    if (!isReady || isAsked.current || !isFirst) return;
    isAsked.current = true;
    void rows.suggest();
  }, [isReady, isFirst, rows.suggest]);
}
