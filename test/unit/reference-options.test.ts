import { referenceOptions } from '../../src/web/features/sync-editor/lib/reference-options';

const ACME = { sourceId: '0015g000000000AAAQ', values: { Name: 'Acme' } };
const OTHER = '0015g000000000BAAQ';

test('records are shown by name and Id, and without a name by their Id', () => {
  const records = [ACME, { sourceId: OTHER, values: { Name: null } }];

  expect(referenceOptions(records, { value: '', typed: 'ac' })).toEqual([
    { value: ACME.sourceId, label: `Acme (${ACME.sourceId})` },
    { value: OTHER, label: OTHER },
  ]);
});

test('what is chosen stays to be chosen, and an Id that is typed can be; a name that is typed is none', () => {
  const ids = (given: { value: string; typed: string }) => referenceOptions([ACME], given).map(({ value }) => value);

  expect(ids({ value: OTHER, typed: '' })).toEqual([ACME.sourceId, OTHER]);
  expect(ids({ value: '', typed: ` ${OTHER} ` })).toEqual([ACME.sourceId, OTHER]);
  expect(ids({ value: OTHER, typed: OTHER })).toEqual([ACME.sourceId, OTHER]);
  expect(ids({ value: ACME.sourceId, typed: 'Acme' })).toEqual([ACME.sourceId]);
});
