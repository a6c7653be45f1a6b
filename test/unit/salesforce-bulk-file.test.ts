import type { WriteBatch, WriteRecord } from '../../src/connectors/connector';
import { parseCsv as parseFile, toCsv } from '../../src/connectors/salesforce/bulk-csv';
import { Attribution, BulkFile } from '../../src/connectors/salesforce/bulk-file';
import type { Values } from '../../src/domain/object-description';
import fc from '../support/fast-check';
import { contactDescription } from '../support/salesforce-description';

const created = (values: Values): WriteRecord => ({ destinationId: null, key: null, values });
const batchOf = (operation: 'create' | 'update', records: readonly WriteRecord[]): WriteBatch => ({
  batchId: 'b',
  object: contactDescription,
  operation,
  matchField: 'Email',
  records,
  options: { assignmentRules: false, allowDuplicates: false },
  sentAt: null,
  arrivesUntil: null,
});
const parseCsv = (text: string) => parseFile(Buffer.from(text));
const id = (number: number) => `00300000000000${number}AAA`;

describe('the file of a job', () => {
  test('when records have different fields, a missing one is an empty cell and a blank one is #N/A', () => {
    const records: WriteRecord[] = [
      { destinationId: id(1), key: 'a', values: { Phone: null } },
      { destinationId: id(2), key: 'b', values: { LastName: 'Holt, "Mia"', Phone: '+43 1 5550100' } },
    ];

    expect(new BulkFile(batchOf('update', records), records).text).toBe(
      `Id,Phone,LastName\n${id(1)},#N/A,\n${id(2)},+43 1 5550100,"Holt, ""Mia"""\n`,
    );
  });

  test('what is created simply lacks its blanks', () => {
    const records = [created({ LastName: 'Holt', Phone: null })];

    expect(new BulkFile(batchOf('create', records), records).text).toBe('LastName,Phone\nHolt,\n');
  });

  test('any text comes back as it was, with line breaks, quotes, commas and outer blanks', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', ';', '\t', '£', '🚀'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constant('x'), cell, cell), { minLength: 1 }), (rows) => {
        const table = parseCsv(toCsv([['A', 'B', 'C'], ...rows]));

        expect(table.header).toEqual(['A', 'B', 'C']);
        expect([...table.rows]).toEqual(rows);
      }),
    );
  });

  test('a file of many blocks, with a byte order mark and lines that end with CR LF, is read whole', () => {
    const rows = Array.from({ length: 2_001 }, (_none, index) => [`${index}`, `a "b",\r\n${index}`]);
    const text = `\uFEFF${toCsv([['A', 'B'], ...rows]).replace(/(?<!\r)\n/g, '\r\n')}`;

    const table = parseCsv(text);

    expect(table.header).toEqual(['A', 'B']);
    expect([...table.rows]).toEqual(rows);
  });

  test.each(['"A","B"\n"1","2', '"A","B"\n"1"\n'])('a file that was cut is refused: %j', (text) => {
    expect(() => [...parseCsv(text).rows]).toThrow(
      expect.objectContaining({ code: 'UNREADABLE_ANSWER', advice: { retry: 'soon' } }),
    );
  });
});

describe('results find their records', () => {
  test('in whatever order they come, and equal rows get one each', () => {
    const records = [
      created({ LastName: 'A', Email: 'a@example.com' }),
      created({ LastName: 'B' }),
      created({ LastName: 'Same' }),
      created({ LastName: 'Same' }),
      created({ LastName: 'D' }),
    ];
    const batch = batchOf('create', records);

    const attribution = new Attribution(new BulkFile(batch, records), batch);
    const succeeded = `"sf__Id","sf__Created",LastName,Email\n"${id(2)}","true","Same",""\n"${id(1)}","true","B",""\n`;
    const failed =
      '"sf__Id","sf__Error",LastName,Email\n"","FIELD_CUSTOM_VALIDATION_EXCEPTION:no:--","Same",""\n"","INVALID_EMAIL_ADDRESS:Email:Email --","A","a@example.com"\n';
    const rows = [
      attribution.succeeded(parseCsv(succeeded)),
      attribution.failed(parseCsv(failed)),
      attribution.unprocessed(parseCsv('LastName,Email\n"D",""\n')),
    ];
    const results = attribution.results();

    expect(rows).toEqual([2, 2, 1]);

    expect(results).toEqual([
      { result: 'failed', code: 'INVALID_EMAIL_ADDRESS', message: 'Email', field: 'Email' },
      { result: 'created', destinationId: id(1) },
      { result: 'created', destinationId: id(2) },
      { result: 'failed', code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no', field: null },
      { result: 'again', code: 'NOT_PROCESSED', message: expect.any(String) },
    ]);
  });

  test('whatever the order of the rows, each record gets a result of its own content, and each row is used once', () => {
    const name = fc.constantFrom('A', 'B', 'C', 'D', 'E');
    const sent = fc
      .array(fc.record({ name, isCreated: fc.boolean() }), { minLength: 1, maxLength: 90 })
      .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
    fc.assert(
      fc.property(sent, ([rows, answered]) => {
        const records = rows.map((row) => created({ LastName: row.name }));
        const batch = batchOf('create', records);
        const attribution = new Attribution(new BulkFile(batch, records), batch);
        const numbered = answered.map((row, index) => ({ ...row, id: id(100 + index).slice(-18) }));
        const file = (head: string, lines: string[]) => parseCsv(`${[head, ...lines].join('\n')}\n`);
        const lines = (isCreated: boolean) =>
          numbered.flatMap((row) => (row.isCreated === isCreated ? [`"${row.id}","x","${row.name}"`] : []));

        attribution.succeeded(file('"sf__Id","sf__Created",LastName', lines(true)));
        attribution.failed(file('"sf__Id","sf__Error",LastName', lines(false)));
        const results = attribution.results();

        const told = results.map((result, place) => `${rows[place]?.name} ${result?.result}`).sort();
        expect(told).toEqual(answered.map((row) => `${row.name} ${row.isCreated ? 'created' : 'failed'}`).sort());
        const ids = results.flatMap((result) => (result?.result === 'created' ? [result.destinationId] : []));
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  test('when a text came back trimmed or with other line breaks, its record is still found', () => {
    const records = [created({ LastName: ' A\r\nB ' }), created({ LastName: 'A\nB' })];
    const batch = batchOf('create', records);

    const attribution = new Attribution(new BulkFile(batch, records), batch);
    const file = `"sf__Id","sf__Created",LastName\n"${id(1)}","true","A\nB"\n"${id(2)}","true","A\nB"\n`;
    attribution.succeeded(parseCsv(file));
    const results = attribution.results();

    expect(results).toEqual([
      { result: 'created', destinationId: id(2) },
      { result: 'created', destinationId: id(1) },
    ]);
  });

  test('an update is found by its Id, and what no file names has no result', () => {
    const records: WriteRecord[] = [1, 2].map((number) => ({
      destinationId: id(number),
      key: null,
      values: { Phone: '1' },
    }));
    const batch = batchOf('update', records);

    const attribution = new Attribution(new BulkFile(batch, records), batch);
    attribution.succeeded(parseCsv(`"sf__Id","sf__Created",Id,Phone\n"${id(2)}","false","${id(2)}","1"\n`));
    const results = attribution.results();

    expect(results).toEqual([null, { result: 'updated', destinationId: id(2) }]);
  });
});
