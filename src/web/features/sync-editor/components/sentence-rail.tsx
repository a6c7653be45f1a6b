import { Mark, Paper, Text, Title } from '@mantine/core';
import { syncInWords } from '../lib/sentence';
import { type EndState, useEditor } from '../state/editor-context';
import classes from './sentence-rail.module.css';

/** What the sync will do in one sentence, always in view. */
export function SentenceRail() {
  const { asDraft, form, source, destination } = useEditor();
  const inWords = ({ connection, object }: EndState, objectName: string) => ({
    connection: connection?.name ?? null,
    object,
    objectName: objectName || null,
  });
  const parts = syncInWords(
    asDraft.draft,
    inWords(source, form.source.object),
    inWords(destination, form.destination.object),
  );
  return (
    <Paper component="aside" withBorder p="md" className={classes.rail} aria-labelledby="sentence-title">
      <Title order={2} size="h5" id="sentence-title" mb={6}>
        This sync in a sentence
      </Title>
      <Text size="sm" lh={1.6} component="p" m={0}>
        {parts.map(({ text, kind }, index) => {
          // the parts have no identity of their own; all are made anew
          const key = `${index} ${kind}`;
          if (kind === 'name') return <b key={key}>{text}</b>;
          if (kind === 'missing') {
            return (
              <Mark key={key} color="yellow">
                {text}
              </Mark>
            );
          }
          return <span key={key}>{text}</span>;
        })}
      </Text>
    </Paper>
  );
}
