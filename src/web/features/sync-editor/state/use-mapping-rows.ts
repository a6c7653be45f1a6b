import { useCallback, useState } from 'react';
import { useAnnounce } from '../../../components/announcer';
import { counted } from '../../../lib/format';
import { askSuggestions } from '../api';
import { fieldChanges } from '../lib/field-changes';
import { moved } from '../lib/moved-row';
import { newKey, withoutStale, withSuggestions } from '../lib/suggested-rows';
import { emptyRow, type MappingRow } from '../lib/sync-form';
import { useEditor } from './editor-context';

/** Changes of the mappings, by the key of their row. */
export function useMappingRows() {
  const { form, change, source, destination } = useEditor();
  const announce = useAnnounce();
  const [isSuggesting, setSuggesting] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [told, setTold] = useState('');
  const setRows = useCallback(
    (work: (rows: MappingRow[]) => MappingRow[], subject?: string) =>
      change((now) => ({ mappings: work(now.mappings) }), subject),
    [change],
  );
  const changeRow = useCallback(
    (key: string, patch: Partial<MappingRow>) =>
      setRows(
        (rows) => rows.map((row) => (row.key === key ? { ...row, confidence: null, ...patch } : row)),
        `${key} ${Object.keys(patch).join()}`,
      ),
    [setRows],
  );
  const removeRow = useCallback((key: string) => setRows((rows) => rows.filter((row) => row.key !== key)), [setRows]);
  const removeRows = (keys: readonly string[]) => {
    setRows((rows) => rows.filter(({ key }) => !keys.includes(key)));
    setTold(`${counted(keys.length, 'mapping')} removed; Undo brings them back.`);
  };
  /** Tells the new place, which nobody hears otherwise. */
  const moveRow = (key: string, by: -1 | 1) => {
    const after = moved(form.mappings, key, by);
    if (after === form.mappings) return;
    setRows(() => after);
    announce(`Moved to place ${after.findIndex((row) => row.key === key) + 1} of ${after.length}.`);
  };
  /** @returns the key of the new row */
  const addRow = useCallback(
    (given: Partial<MappingRow> = {}) => {
      const key = newKey();
      setRows((rows) => [...rows, { ...emptyRow(key), ...given }]);
      return key;
    },
    [setRows],
  );
  /** The same once more below it, for another destination field. @returns the key of the new row */
  const duplicateRow = (key: string) => {
    const copy = newKey();
    setRows((rows) =>
      rows.flatMap((row) => (row.key === key ? [row, { ...row, key: copy, to: '', confidence: null }] : [row])),
    );
    return copy;
  };
  const confirmRow = useCallback((key: string) => changeRow(key, {}), [changeRow]);
  const confirmAll = () => setRows((rows) => rows.map((row) => ({ ...row, confidence: null })));
  const replaceAll = (rows: MappingRow[]) => {
    setRows(() => rows);
    setTold(
      `${counted(form.mappings.length, 'mapping')} replaced by ${rows.length}; Undo brings the previous ones back.`,
    );
  };
  /** Asks both systems for their fields anew, and tells what has changed of them. */
  const refreshFields = async () => {
    const ends = [source, destination];
    const anew = await Promise.all(ends.map((end) => end.refresh()));
    const changes = ends.flatMap(({ object }, index) => {
      const after = anew[index];
      return object && after ? [fieldChanges(object, after)] : [];
    });
    setTold(changes.join(' '));
  };
  const suggest = async () => {
    setSuggesting(true);
    setProblem(null);
    try {
      const suggestions = await askSuggestions(form.source, form.destination);
      const fresh = (rows: readonly MappingRow[]) =>
        withSuggestions(withoutStale(rows, source.object, destination.object), suggestions);
      const next = fresh(form.mappings);
      const anew = next.filter((row) => !form.mappings.includes(row));
      const added = anew.length;
      // what is to be checked is counted beside
      const words = anew.some(({ confidence }) => confidence === 'likely')
        ? ''
        : `${counted(added, 'mapping')} suggested.`;
      if (added > 0 || next.length < form.mappings.length) setRows(fresh);
      setTold(added > 0 ? words : 'There is nothing more to suggest.');
    } catch (error) {
      setProblem(error);
    } finally {
      setSuggesting(false);
    }
  };
  return {
    changeRow,
    removeRow,
    removeRows,
    moveRow,
    addRow,
    duplicateRow,
    confirmRow,
    confirmAll,
    replaceAll,
    refreshFields,
    suggest,
    isSuggesting,
    problem,
    told,
  };
}

export type MappingRows = ReturnType<typeof useMappingRows>;
