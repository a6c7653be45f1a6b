import { Anchor, Grid, Mark, Paper, Text, Title } from '@mantine/core';
import { useViewportSize } from '@mantine/hooks';
import { useLayoutEffect, useRef, useState } from 'react';
import { useStickyRoom } from '../../../lib/use-sticky-room';
import { syncInWords } from '../lib/sentence';
import { type EndState, useEditor } from '../state/editor-context';
import classes from './sentence-rail.module.css';

/** What the sync will do in one sentence, always in view: beside the page where that leaves room, else above it, also when one scrolls. */
export function SentenceRail({ isBeside }: { isBeside: boolean }) {
  const place = useStickyRoom('--sync-sentence-room');
  return (
    <Grid.Col
      ref={place}
      span={{ base: 12, lg: isBeside ? 3 : 12 }}
      order={{ base: -1, lg: isBeside ? 2 : -1 }}
      className={classes.place}
      data-beside={isBeside || undefined}
    >
      <Sentence />
    </Grid.Col>
  );
}

/** So many lines are shown where it is cut. */
const LINES = 2;

function Sentence() {
  const [isWhole, setIsWhole] = useState(false);
  const [text, isLong] = useIsLong<HTMLParagraphElement>();
  const { asDraft, form, source, destination, saved } = useEditor();
  const inWords = ({ connection, object }: EndState, objectName: string) => ({
    connection: connection?.name ?? null,
    object,
    objectName: objectName || null,
  });
  const parts = syncInWords(
    asDraft.draft,
    inWords(source, form.source.object),
    inWords(destination, form.destination.object),
    saved ?? {},
  );
  return (
    <Paper component="aside" withBorder className={classes.rail} aria-labelledby="sentence-title">
      <Title order={2} size="h5" id="sentence-title" className={classes.title}>
        This sync in a sentence
      </Title>
      <Text
        ref={text}
        size="sm"
        lh={1.6}
        component="p"
        m={0}
        className={classes.text}
        data-cut={!isWhole || undefined}
        style={{ '--lines': LINES }}
      >
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
      {isLong && (
        <Anchor
          component="button"
          type="button"
          size="sm"
          className={classes.more}
          aria-expanded={isWhole}
          onClick={() => setIsWhole(!isWhole)}
        >
          {isWhole ? 'Show less' : 'Show all'}
        </Anchor>
      )}
    </Paper>
  );
}

/** Whether a text takes more lines than are shown, as it is and as wide as it is. */
function useIsLong<Element extends HTMLElement>() {
  const ref = useRef<Element>(null);
  // another width of the window renders it anew, and so it is measured again
  useViewportSize();
  const [isLong, setIsLong] = useState(false);
  useLayoutEffect(() => {
    const { current: element } = ref;
    if (element) setIsLong(element.scrollHeight > LINES * Number.parseFloat(getComputedStyle(element).lineHeight) + 1);
  });
  return [ref, isLong] as const;
}
