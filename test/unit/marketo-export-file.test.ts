import { createHash } from 'node:crypto';
import { stringify } from 'csv-stringify/sync';
import { parseRecords, RunningChecksums, recordReader } from '../../src/connectors/marketo/export-file';
import type { ObjectDescription } from '../../src/domain/object-description';
import fc from '../support/fast-check';

const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('"', '""', 'a"b', ',', '\n', '\r\n', 'x\ny', '\r', ' ', '=1+1', '👩‍🚀', '\u2028', 'null'),
);
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((columns) =>
    fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 12 }),
  );

test('wherever a file is cut, its parts give the records of the whole, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 80 }), async (rows, step) => {
      const file = Buffer.from(stringify(rows, { record_delimiter: '\n', quoted_match: /[\r\n"]/ }));
      const read: string[][] = [];

      let offset = 0;
      for (let size = step; offset < file.length; size += step) {
        const end = Math.min(offset + size, file.length);
        const isEnd = end === file.length;
        const part = await parseRecords(file.subarray(offset, end), isEnd);
        read.push(...part.rows);
        if (part.bytes > 0) size = step;
        offset = isEnd ? end : offset + part.bytes;
      }

      expect(read).toEqual(rows);
    }),
    { numRuns: 300 },
  );
});

test('quotes that are not doubled do not stop the reading, and rows after them come whole', async () => {
  const { rows } = await parseRecords(Buffer.from('1,say "hi" now,x\n2,"a"b",x\n3,"fine",x\n'), true);

  expect(rows.map(([id]) => id)).toEqual(['1', '2', '3']);
  expect(rows[0]?.[1]).toBe('say "hi" now');
  expect(rows[2]).toEqual(['3', 'fine', 'x']);
});

test('a quote that is never closed is told without the text of the file', async () => {
  await expect(parseRecords(Buffer.from('1,"canary\n2,x\n'), true)).rejects.toMatchObject({
    code: 'UNREADABLE_FILE',
    message: expect.not.stringContaining('canary'),
  });
});

test('the last record needs no line feed, and a part that holds no whole record gives none', async () => {
  expect(await parseRecords(Buffer.from('1,a\n2,b'), true)).toMatchObject({
    rows: [
      ['1', 'a'],
      ['2', 'b'],
    ],
  });
  expect(await parseRecords(Buffer.from('1,a\n2,b'), false)).toEqual({ rows: [['1', 'a']], bytes: 4 });
  expect(await parseRecords(Buffer.from('1,"a'), false)).toEqual({ rows: [], bytes: 0 });
});

const object = {
  idField: 'id',
  fields: [
    { name: 'email', type: 'email' },
    { name: 'leadScore', type: 'integer' },
    { name: 'unsubscribed', type: 'boolean' },
  ],
} as ObjectDescription; // what the reader needs of it

test('columns are found by their names, in whatever order they come; one that is missing is blank', () => {
  const columns = ['updatedAt', 'leadScore', 'id', 'email', 'createdAt'];
  const reader = recordReader({ object, fields: ['email', 'leadScore', 'unsubscribed'] }, columns);

  expect(reader(['null', '7', '31', 'ada@example.com', '2026-08-30T05:49:48Z'])).toEqual({
    sourceId: '31',
    createdAt: '2026-08-30T05:49:48.000Z',
    updatedAt: null,
    values: ['ada@example.com', 7, null],
  });
});

test('a file without the column of the id is refused', () => {
  expect(() => recordReader({ object, fields: [] }, ['<html>'])).toThrow(
    expect.objectContaining({ code: 'UNREADABLE_FILE' }),
  );
});

describe('the checksum of a file that is read in pages', () => {
  const pages = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')] as const;
  const whole = createHash('sha256').update('onetwothree').digest('hex');

  test('is that of the whole, also when a page is read twice', () => {
    const checksums = new RunningChecksums();

    checksums.take('export', 0, pages[0]);
    checksums.take('export', 3, pages[1]);
    checksums.take('export', 3, pages[1]);

    expect(checksums.take('export', 6, pages[2])).toBe(whole);
    expect(checksums.take('export', 6, pages[2])).toBe(whole);
  });

  test('is unknown when the pages before were read by another process', () => {
    expect(new RunningChecksums().take('export', 3, pages[1])).toBeNull();
  });

  test('begins anew with the file', () => {
    const checksums = new RunningChecksums();
    checksums.take('export', 0, Buffer.from('other'));

    checksums.take('export', 0, pages[0]);
    checksums.take('export', 3, pages[1]);

    expect(checksums.take('export', 6, pages[2])).toBe(whole);
  });
});
