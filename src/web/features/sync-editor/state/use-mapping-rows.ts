import { useCallback, useState } from 'react';
import { askSuggestions } from '../api';
import { newKey, withSuggestions } from '../lib/suggested-rows';
import { emptyRow, type MappingRow } from '../lib/sync-form';
import { useEditor } from './editor-context';

/** Changes of the mappings, by the key of their row. */
export function useMappingRows() {
  const { form, change } = useEditor();
  const [isSuggesting, setSuggesting] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [told, setTold] = useState('');
  const setRows = useCallback(
    (work: (rows: MappingRow[]) => MappingRow[]) => change((now) => ({ mappings: work(now.mappings) })),
    [change],
  );
  const changeRow = useCallback(
    (key: string, patch: Partial<MappingRow>) =>
      setRows((rows) => rows.map((row) => (row.key === key ? { ...row, confidence: null, ...patch } : row))),
    [setRows],
  );
  const removeRow = useCallback((key: string) => setRows((rows) => rows.filter((row) => row.key !== key)), [setRows]);
  /** @returns the key of the new row */
  const addRow = useCallback(
    (given: Partial<MappingRow> = {}) => {
      const key = newKey();
      setRows((rows) => [...rows, { ...emptyRow(key), ...given }]);
      return key;
    },
    [setRows],
  );
  const confirmAll = () => setRows((rows) => rows.map((row) => ({ ...row, confidence: null })));
  const suggest = async () => {
    setSuggesting(true);
    setProblem(null);
    try {
      const suggestions = await askSuggestions(form.source, form.destination);
      const before = form.mappings.length;
      const after = withSuggestions(form.mappings, suggestions).length;
      setRows((rows) => withSuggestions(rows, suggestions));
      setTold(after > before ? `${after - before} mappings were suggested.` : 'There is nothing more to suggest.');
    } catch (error) {
      setProblem(error);
    } finally {
      setSuggesting(false);
    }
  };
  return { changeRow, removeRow, addRow, confirmAll, suggest, isSuggesting, problem, told };
}

export type MappingRows = ReturnType<typeof useMappingRows>;
