import { stringify } from 'csv-stringify/sync';
import {
  DELIMITERS,
  LINE_ENDINGS,
  MalformedCsv,
  parseRows,
  quotedCell,
} from '../../src/sandbox/salesforce/bulk/csv-format';
import { CHUNK_ROWS, UploadSplitter } from '../../src/sandbox/salesforce/bulk/upload-splitter';
import fc from '../support/fast-check';

const delimiters = Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[];
const lineEndings = Object.keys(LINE_ENDINGS) as (keyof typeof LINE_ENDINGS)[];
/** Text in which what matters to CSV is frequent. */
const cell = fc.string({
  unit: fc.constantFrom('a', 'Ł', '😀', '"', ',', ';', '\t', '|', '^', '`', '\n', '\r\n', ' '),
  maxLength: 6,
});
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((columns) =>
    fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 40 }),
  )
  .map((rows) => rows.map((cells) => (cells.every((text) => text === '') ? ['x', ...cells.slice(1)] : cells)));

test('whatever an independent writer has written as CSV is read as it was', () => {
  fc.assert(
    fc.property(
      table,
      fc.constantFrom(...delimiters),
      fc.constantFrom(...lineEndings),
      fc.boolean(),
      (rows, name, ending, quoted) => {
        const format = { delimiter: DELIMITERS[name], record_delimiter: LINE_ENDINGS[ending] };
        // the writer leaves a line feed without quotes where rows end otherwise
        const text = stringify(rows, { ...format, quoted, quoted_match: /\n/ });

        expect(parseRows(text, name)).toEqual(rows);
      },
    ),
  );
});

test('a file is cut into the same chunks however it comes in', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      table,
      fc.constantFrom(...delimiters),
      fc.constantFrom(...lineEndings),
      cuts,
      (rows, columnDelimiter, lineEnding, sizes) => {
        const text = rows
          .map((cells) => cells.map(quotedCell).join(DELIMITERS[columnDelimiter]))
          .join(LINE_ENDINGS[lineEnding]);
        const chunks: string[] = [];
        const splitter = new UploadSplitter({ columnDelimiter, lineEnding }, (_number, bytes) =>
          chunks.push(bytes.toString()),
        );
        const bytes = Buffer.from(text);
        for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          splitter.write(bytes.subarray(from, from + size));
          from += size;
        }

        const { header, rows: count, fault } = splitter.end();

        expect(fault).toBeNull();
        expect(count).toBe(rows.length - 1);
        expect(parseRows(header, columnDelimiter)).toEqual(rows.slice(0, 1));
        expect(chunks.flatMap((chunk) => parseRows(chunk, columnDelimiter))).toEqual(rows.slice(1));
      },
    ),
  );
});

test('a chunk has 200 rows, the last one what is left; empty lines are no rows', () => {
  const chunks: [number, number][] = [];
  const format = { columnDelimiter: 'COMMA', lineEnding: 'LF' } as const;
  const splitter = new UploadSplitter(format, (number, bytes) => {
    chunks.push([number, parseRows(bytes.toString(), 'COMMA').length]);
  });
  splitter.write(Buffer.from(`\nName\n\n${'x\n\n'.repeat(2 * CHUNK_ROWS + 5)}`));

  expect(splitter.end()).toEqual({ header: 'Name', rows: 405, fault: null });
  expect(chunks).toEqual([
    [0, 200],
    [1, 200],
    [2, 5],
  ]);
});

test.each(['a"b', '"a"b', 'x, "a"', '"a', '"a" ,b'])('%j is no CSV', (text) => {
  expect(() => parseRows(text, 'COMMA')).toThrow(MalformedCsv);
});

test.each([
  ['', []],
  ['\n\r\n', []],
  ['a', [['a']]],
  ['a,', [['a', '']]],
  [',', [['', '']]],
  ['""', [['']]],
  ['"",""\n', [['', '']]],
  ['"a""b"', [['a"b']]],
  ['a,"b\nc"\r\nd', [['a', 'b\nc'], ['d']]],
])('%j is read as %j', (text, rows) => {
  expect(parseRows(text, 'COMMA')).toEqual(rows);
});
