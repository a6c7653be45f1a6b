import { Alert, Button, FileButton, List } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { ProblemAlert } from '../../../components/problem-alert';
import { download } from '../../../lib/download';
import { fileOfRows, rowsOfFile } from '../lib/mapping-file';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';

const MOST_TOLD = 10;

/** Mappings as a CSV file: to be kept, mended in a spreadsheet, and taken over to another sync. */
export function MappingFile({ rows }: { rows: MappingRows }) {
  const { form } = useEditor();
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<unknown>(null);
  const forget = useRef<() => void>(null);
  const trying = async (work: () => Promise<void>) => {
    setRefusals([]);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error);
    }
  };
  const exportFile = async () => save(await fileOfRows(form.mappings), `${form.name.trim() || 'sync'} mappings.csv`);
  const take = async (file: File | null) => {
    // the same file can be chosen again once it is mended
    forget.current?.();
    if (!file) return;
    const read = await rowsOfFile(file);
    if ('rows' in read) rows.replaceAll(read.rows);
    else setRefusals(read.problems);
  };
  const hasNone = form.mappings.length === 0;
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconDownload size={14} aria-hidden />}
        aria-disabled={hasNone || undefined}
        data-disabled={hasNone || undefined}
        onClick={() => void (hasNone || trying(exportFile))}
      >
        Export as CSV
      </Button>
      <FileButton accept=".csv,text/csv" onChange={(file) => void trying(() => take(file))} resetRef={forget}>
        {(props) => (
          <Button {...props} variant="default" size="xs" leftSection={<IconUpload size={14} aria-hidden />}>
            Import from CSV
          </Button>
        )}
      </FileButton>
      {problem ? <ProblemAlert problem={problem} title="The file could not be read or written" /> : null}
      {refusals.length > 0 && (
        <Alert role="alert" color="red" title="Nothing was imported: fix the file first" w="100%">
          <List size="sm">
            {refusals.slice(0, MOST_TOLD).map((refusal) => (
              <List.Item key={refusal}>{refusal}</List.Item>
            ))}
          </List>
          {refusals.length > MOST_TOLD ? `And ${refusals.length - MOST_TOLD} more.` : ''}
        </Alert>
      )}
    </>
  );
}

function save(file: Blob, name: string): void {
  const href = URL.createObjectURL(file);
  download(href, name);
  URL.revokeObjectURL(href);
}
