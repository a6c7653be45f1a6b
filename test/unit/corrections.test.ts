import { readCorrections } from '../../src/api/corrections';
import { Problem } from '../../src/api/problem';
import { neutralised } from '../../src/domain/csv-cell';
import { changedValues, correctionFile } from '../../src/web/features/executions/correction-file';
import { field } from '../support/described';
import fc from '../support/fast-check';

const FIELDS = [
  field('email', { type: 'email' }),
  field('lastName', { length: 5 }),
  field('score', { type: 'integer', length: null }),
  field('since', { type: 'date', length: null }),
];
const read = (...lines: string[]) => readCorrections(lines.join('\r\n'), FIELDS, { timeZone: 'Europe/Vienna' });
const refusalOf = async (...lines: string[]) => {
  const error = await read(...lines).catch((reason: unknown) => reason);
  if (!(error instanceof Problem)) throw error;
  expect(error.status).toBe(422);
  return error.errors.map(({ path, message }) => `${path}: ${message}`);
};

test('a download that was corrected is read: the values by field, the rest passed over', async () => {
  const corrections = await read(
    'sourceId,matchKey,outcome,reason,message,field,destinationId,source.email,source.lastName,source.score',
    "1042,,failed,requiredMissing,,LastName,,ada@example.com,'=Lovelace,-5",
    '1043,bo@example.com,created,,,,003,bo@example.com,Bo,1',
    '1044,,failed,requiredMissing,,LastName,,,Cy,',
  );

  expect(corrections).toEqual([
    { sourceId: '1042', line: 2, values: { email: 'ada@example.com', lastName: '=Lovelace', score: -5 } },
    { sourceId: '1044', line: 4, values: { email: null, lastName: 'Cy', score: null } },
  ]);
});

test('what is corrected on the page of an execution is read as it was typed', async () => {
  const typed = { email: '', lastName: '\'=1,"\n' };

  const file = await correctionFile('10,42', typed).text();

  expect(await read(file)).toEqual([{ sourceId: '10,42', line: 2, values: { email: null, lastName: typed.lastName } }]);
  expect(changedValues({ email: '', lastName: 'Doe' }, typed)).toEqual({ lastName: typed.lastName });
});

test.each([
  ['semicolons', 'sourceId;source.lastName', '7;Doe'],
  ['tabs', 'sourceId\tsource.lastName', '7\tDoe'],
  ['empty rows at its end', 'sourceId,source.lastName', '7,Doe', ',', ''],
])('a file with %s is read as well', async (_what, ...lines) => {
  expect(await read(...lines)).toEqual([{ sourceId: '7', line: 2, values: { lastName: 'Doe' } }]);
});

test.each([
  [['source.lastName', 'Doe'], 'line 1, sourceId: A column sourceId is needed.'],
  [['sourceId,source.lastName,source.lastName', '7,a,b'], 'line 1, source.lastName: The column occurs twice.'],
  [['sourceId,lastName', '7,a'], 'line 1, lastName: There is no such column. Columns of values are source.email'],
  [['sourceId,reason', '7,a'], 'file: No column holds values of the source, such as source.email.'],
  [['sourceId,source.score', '7,many'], 'line 2, source.score: score takes a number, such as 1234.5.'],
  [['sourceId,source.since', '7,2026-02-30'], 'line 2, source.since: since takes a day that exists'],
  [['sourceId,source.lastName', ',Doe'], 'line 2, sourceId: The Id of the record is needed.'],
  [['sourceId,source.lastName', '7,Doe', '7,Roe'], 'line 3, sourceId: The record stands in line 2 already.'],
  [['sourceId,source.lastName', '7,Doe', '8'], 'line 3: It has 1 cells, and the first line 2.'],
  [['sourceId,source.lastName', '7,"a\r\nb"', '8,a\0b'], 'line 4, source.lastName: It holds what cannot be kept.'],
  [['sourceId,source.lastName', '7,"Doe', '8,"Roe"'], 'line 2: It is no CSV'],
  [['sourceId,source.lastName'], 'file: No row of a failed record is in it.'],
  [[''], 'file: No row of a failed record is in it.'],
])('%j is refused by line and column (ASVS 5.2.2)', async (lines, told) => {
  expect((await refusalOf(...lines))[0]).toContain(told);
});

test('several mistakes are told at once, though not a thousand', async () => {
  const rows = Array.from({ length: 1_000 }, (_none, index) => `${index},many`);

  expect(await refusalOf('sourceId,source.score', ...rows)).toHaveLength(20);
});

test('each value of a text field is read as it was downloaded', async () => {
  const plain = fc.string({ unit: 'grapheme' }).filter((text) => text.trim() !== '' && !/\p{Surrogate}|\0/u.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(plain, { minLength: 1, maxLength: 5 }), async (texts) => {
      const cell = (text: string) => `"${neutralised(text).replaceAll('"', '""')}"`;
      const corrections = await read(
        'sourceId,source.lastName',
        ...texts.map((text, index) => `${index},${cell(text)}`),
      );

      expect(corrections.map(({ values }) => values.lastName)).toEqual(texts);
    }),
  );
});
