import Table from 'cli-table3';
import { type CliError, EXIT, type ExitCode, type World } from './world';

/** What a terminal would take for a command, or for the beginning of a line, is shown as a question mark. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}|\p{Zl}|\p{Zp}|\p{Bidi_Control}/gu, '?');

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

type Cell = string | number | null | undefined;

/** Rows below each other, as people read them. */
export function tableText(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const style = { 'padding-left': 0, 'padding-right': 0, head: [], border: [] };
  const table = new Table({ head: [...heads], chars: NO_BORDERS, style });
  table.push(...rows.map((row) => row.map((cell) => printable(String(cell ?? '')))));
  return table.toString().replaceAll(/ +$/gm, '');
}

const TYPES: Readonly<Record<ExitCode, string>> = {
  [EXIT.ok]: 'ok',
  [EXIT.problem]: 'problem',
  [EXIT.usage]: 'usage',
  [EXIT.unreachable]: 'unreachable',
};

/** An error for programs: its type goes with the exit code. */
const errorObject = ({ exitCode, message, details, status }: CliError) => ({
  type: TYPES[exitCode],
  ...(status === undefined ? {} : { status }),
  message,
  errors: details.map(({ place, message: wrong }) => ({ path: place, message: wrong })),
});

const errorText = ({ message, details }: CliError): string =>
  [message, ...details.map(({ place, message: wrong }) => `  ${place}: ${wrong}`)].map(printable).join('\n');

/** Writes data for people, or for programs. */
export class Printer {
  constructor(
    private readonly world: World,
    readonly isJson: boolean,
  ) {}

  /** Data: JSON where that is wanted, else as `forPeople` says it. */
  data(value: unknown, forPeople: () => string): void {
    this.world.output.write(`${this.isJson ? JSON.stringify(value, null, 2) : forPeople()}\n`);
  }

  /** A list: JSON as an array, else a table. */
  list<Item>(items: readonly Item[], heads: readonly string[], row: (item: Item) => readonly Cell[]): void {
    this.data(items, () => (items.length === 0 ? 'None.' : tableText(heads, items.map(row))));
  }

  /** One value a line, for what comes one after the other. */
  line(value: unknown): void {
    this.world.output.write(`${JSON.stringify(value)}\n`);
  }

  /** A word beside the data. */
  message(text: string): void {
    this.world.messages.write(`${this.isJson ? JSON.stringify({ type: 'note', message: text }) : text}\n`);
  }

  /** What went wrong: with `--json` as one object on a line of its own. */
  error(error: CliError): void {
    this.world.messages.write(`${this.isJson ? JSON.stringify(errorObject(error)) : errorText(error)}\n`);
  }
}
