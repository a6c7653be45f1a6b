import { Anchor, Code, Paper, Stack, Text, Title } from '@mantine/core';
import type { FieldProblem } from '../../../lib/api';
import { formatNumber } from '../../../lib/format';
import classes from './file-problems.module.css';

/** A file may have thousands: whoever has mended the first ones looks again. */
const MOST_SHOWN = 100;

interface FileProblemsProps {
  title: string;
  /** What they stand in the way of. */
  children: string;
  problems: readonly FieldProblem[];
  lines: readonly string[];
  /** Shows a line in the text; absent where the text is not shown. */
  onLine: ((line: number) => void) | undefined;
}

/** What is wrong in a file: each problem with its line, its path and what stands there. */
export function FileProblems({ title, children, problems, lines, onLine }: FileProblemsProps) {
  if (problems.length === 0) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {title} ({formatNumber(problems.length)})
        </Title>
        <Text size="sm">{children}</Text>
        <ul className={classes.list}>
          {problems.slice(0, MOST_SHOWN).map(({ path, message, line }) => (
            <li key={`${line} ${path} ${message}`}>
              <Text size="sm" component="span">
                {line != null && <LineLink line={line} onLine={onLine} />}
                {path !== '' && <b>{path}: </b>}
                {message}
              </Text>
              {line != null && lines[line - 1]?.trim() && (
                <Code block className={classes.code}>
                  {lines[line - 1]?.trim()}
                </Code>
              )}
            </li>
          ))}
        </ul>
        {problems.length > MOST_SHOWN && (
          <Text size="sm">And {formatNumber(problems.length - MOST_SHOWN)} more; mend these first.</Text>
        )}
      </Stack>
    </Paper>
  );
}

function LineLink({ line, onLine }: { line: number } & Pick<FileProblemsProps, 'onLine'>) {
  if (!onLine) return <>Line {line} · </>;
  return (
    <>
      <Anchor component="button" type="button" size="sm" underline="always" onClick={() => onLine(line)}>
        Line {line}
      </Anchor>
      {' · '}
    </>
  );
}
