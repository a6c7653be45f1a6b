/** A piece of a line: plain, or set off. A link leads out. */
export interface Piece {
  kind: 'plain' | 'strong' | 'emphasis' | 'code' | 'link';
  text: string;
  href?: string;
}

/** A paragraph or heading has lines, a list has items. */
export interface Block {
  kind: 'paragraph' | 'heading' | 'list' | 'numbers';
  lines: Piece[][];
}

const ITEM = /^\s*[-*+]\s+/;
const NUMBER = /^\s*\d+[.)]\s+/;
const HEADING = /^#{1,6}\s+/;

/** The part of Markdown that descriptions are written in: paragraphs, headings, lists, bold, italic, code and links. Anything else stays as it is. */
export const markdownOf = (text: string): Block[] =>
  text.split(/\n\s*\n/).flatMap((part) => blocksOf(part.split('\n').filter((line) => line.trim() !== '')));

/** Lines of one kind in a row are one block. */
function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (const line of lines) {
    const kind = kindOf(line);
    const last = blocks.at(-1);
    const pieces = piecesOf(line.replace(STARTS[kind], ''));
    if (last?.kind === kind && kind !== 'heading') last.lines.push(pieces);
    else blocks.push({ kind, lines: [pieces] });
  }
  return blocks;
}

const STARTS: Record<Block['kind'], RegExp> = { paragraph: /^/, heading: HEADING, list: ITEM, numbers: NUMBER };

function kindOf(line: string): Block['kind'] {
  if (HEADING.test(line)) return 'heading';
  if (ITEM.test(line)) return 'list';
  return NUMBER.test(line) ? 'numbers' : 'paragraph';
}

/** Only addresses of the web and of mail become links: whatever else a browser would run stays text. */
const PIECE =
  /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])[*_]([^*_\s](?:[^*_]*[^*_\s])?)[*_](?![\w*])|\[([^\]]+)\]\(((?:https?:\/\/|mailto:)[^\s()]+)\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?])/g;

function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  const plain = (until: number) => {
    if (until > end) pieces.push({ kind: 'plain', text: line.slice(end, until) });
  };
  for (const match of line.matchAll(PIECE)) {
    const [whole, code, strong, emphasis, words, address, bare] = match;
    plain(match.index);
    if (code !== undefined) pieces.push({ kind: 'code', text: code });
    else if (strong !== undefined) pieces.push({ kind: 'strong', text: strong });
    else if (emphasis !== undefined) pieces.push({ kind: 'emphasis', text: emphasis });
    else if (address !== undefined) pieces.push({ kind: 'link', text: words ?? address, href: address });
    else if (bare !== undefined) pieces.push({ kind: 'link', text: bare, href: bare });
    end = match.index + whole.length;
  }
  plain(line.length);
  return pieces;
}
