import { Anchor, Code, List, Stack, Text } from '@mantine/core';
import { Fragment } from 'react';
import { type Block, markdownOf, type Piece } from '../lib/markdown';

/** A description that somebody has written, as simple Markdown. */
export function Markdown({ text }: { text: string }) {
  return (
    <Stack gap="xs" style={{ overflowWrap: 'anywhere' }}>
      {markdownOf(text).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no names, and stay in their places
        <MarkdownBlock key={index} block={block} />
      ))}
    </Stack>
  );
}

function MarkdownBlock({ block: { kind, lines } }: { block: Block }) {
  if (kind === 'list' || kind === 'numbers') {
    return (
      <List size="sm" type={kind === 'list' ? 'unordered' : 'ordered'}>
        {lines.map((pieces, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <List.Item key={index}>
            <Line pieces={pieces} />
          </List.Item>
        ))}
      </List>
    );
  }
  return (
    <Text size="sm" fw={kind === 'heading' ? 650 : undefined}>
      {lines.map((pieces, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Fragment key={index}>
          {index > 0 && <br />}
          <Line pieces={pieces} />
        </Fragment>
      ))}
    </Text>
  );
}

const Line = ({ pieces }: { pieces: readonly Piece[] }) =>
  pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Inline key={index} {...piece} />
  ));

function Inline({ kind, text, href }: Piece) {
  switch (kind) {
    case 'plain':
      return text;
    case 'strong':
      return <b>{text}</b>;
    case 'emphasis':
      return <em>{text}</em>;
    case 'code':
      return <Code>{text}</Code>;
    case 'link':
      return (
        <Anchor href={href} target="_blank" rel="noreferrer" size="sm" underline="always">
          {text}
        </Anchor>
      );
  }
}
