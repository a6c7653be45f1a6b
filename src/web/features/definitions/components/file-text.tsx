import { Anchor, Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, type RefObject, useRef, useState } from 'react';
import { apiUrl } from '../../../lib/api';
import { counted, formatNumber } from '../../../lib/format';
import classes from './file-text.module.css';

/** As the API takes it. */
const MOST_BYTES = 20_000_000;
/** More than a field of a page shows quickly. */
const MOST_SHOWN = 500_000;

/** Whether a text is short enough to be shown, and changed, in the page. */
export const isShown = (text: string): boolean => text.length <= MOST_SHOWN;

interface FileTextProps {
  text: string;
  onText(text: string): void;
  /** A file was chosen: it is looked at by itself. */
  onFile(text: string): void;
  field: RefObject<HTMLTextAreaElement | null>;
}

/** The file: chosen, dropped or pasted, and mended where it stands. */
export function FileText({ text, onText, onFile, field }: FileTextProps) {
  const [name, setName] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const forget = useRef<() => void>(null);
  const take = async (file: File | null | undefined) => {
    // the same file can be chosen again once it is mended
    forget.current?.();
    if (!file) return;
    setRefusal(null);
    if (file.size > MOST_BYTES) {
      setRefusal(
        `${file.name} has ${formatNumber(file.size)} bytes; ${formatNumber(MOST_BYTES)} are taken. Divide it.`,
      );
      return;
    }
    try {
      const read = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
      setName(file.name);
      onFile(read);
    } catch {
      setRefusal(`${file.name} cannot be read as UTF-8 text. Save it as YAML or JSON in UTF-8.`);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    void take(event.dataTransfer.files[0]);
  };
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <FileButton accept=".yaml,.yml,.json,application/yaml,application/json" onChange={take} resetRef={forget}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={16} aria-hidden />}>
              Choose a file
            </Button>
          )}
        </FileButton>
        <Text size="sm">
          or paste it below.{' '}
          <Anchor
            href={apiUrl('/definitions', { format: 'yaml' })}
            download="definitions.yaml"
            size="sm"
            underline="always"
          >
            Export what is there now
          </Anchor>
        </Text>
      </Group>
      {name !== null && <Text size="sm">{name}</Text>}
      {refusal !== null && <ProblemText>{refusal}</ProblemText>}
      {isShown(text) ? (
        <Textarea
          ref={field}
          label="Definitions"
          description="YAML or JSON"
          rows={14}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          wrap="off"
          value={text}
          onChange={({ currentTarget }) => {
            setName(null);
            onText(currentTarget.value);
          }}
          onDragOver={(event) => event.preventDefault()}
          onDrop={drop}
          classNames={{ input: classes.text }}
        />
      ) : (
        <Group gap="sm">
          <Text size="sm">{counted(text.length, 'character')}: too many to be shown here.</Text>
          <Button size="xs" variant="default" onClick={() => onText('')}>
            Take another file
          </Button>
        </Group>
      )}
    </Stack>
  );
}

const ProblemText = ({ children }: { children: string }) => (
  <Text size="sm" c="var(--mantine-color-error)" role="alert">
    {children}
  </Text>
);

/** Marks a line of the text, and brings it into view. @param line from 1 */
export function showLine(field: HTMLTextAreaElement, line: number): void {
  const lines = field.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  field.scrollTop = (field.scrollHeight * Math.max(0, line - LINES_ABOVE)) / lines.length;
}

const LINES_ABOVE = 4;
