/** What an expression can do, by an example of each; the names in it are put in place of. */
export const EXPRESSION_FUNCTIONS: readonly { example: string; effect: string }[] = [
  { example: 'trim(name)', effect: 'without spaces around it' },
  { example: 'upper(name)', effect: 'in upper case' },
  { example: 'lower(name)', effect: 'in lower case' },
  { example: 'text(number)', effect: 'as a text' },
  { example: 'text(name).left(40)', effect: 'the first 40 characters' },
  { example: 'text(name).right(4)', effect: 'the last 4 characters' },
  { example: 'text(name).replace("Ltd.", "Limited")', effect: 'one text replaced by another' },
  { example: 'coalesce(name, "unknown")', effect: 'another value if it is blank' },
  { example: 'isBlank(name) ? "none" : text(name)', effect: 'one value or the other' },
  { example: 'text(name).contains("GmbH")', effect: 'whether it contains a text' },
  { example: 'text(name).startsWith("A")', effect: 'whether it begins with a text' },
  { example: 'text(name).endsWith("Z")', effect: 'whether it ends with a text' },
  { example: 'size(text(name))', effect: 'how many characters it has' },
  { example: 'int(number)', effect: 'as a whole number' },
  { example: 'double(number)', effect: 'as a number' },
];

/** What the examples stand for. */
const PLACEHOLDER = /\b(name|number)\b/;

/** Names that can be written after a full stop. */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A field as an expression names it, also one whose name means something else to the language. */
export const fieldInExpression = (name: string): string =>
  PLAIN_NAME.test(name) ? `fields.${name}` : `fields["${name}"]`;

/** A text, and what of it is selected. */
interface Edited {
  text: string;
  from: number;
  to: number;
}

/**
 * Puts a text in place of what is selected. After a name or a closing bracket it is joined with `+`.
 * @returns the text with what stands for a field selected, so that a field can be put in its place; else with the cursor behind it
 */
export function inserted({ text, from, to }: Edited, more: string): Edited {
  const before = text.slice(0, from);
  const isJoined = from === to && /[\w)\]"']\s*$/.test(before);
  const start = isJoined ? `${before.trimEnd()} + ` : before;
  const place = PLACEHOLDER.exec(more);
  const selected = start.length + (place?.index ?? more.length);
  return { text: `${start}${more}${text.slice(to)}`, from: selected, to: selected + (place?.[0].length ?? 0) };
}
