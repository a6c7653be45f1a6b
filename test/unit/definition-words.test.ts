import { mappingInWords } from '../../src/web/features/syncs/lib/definition-words';

test('a value table is told by its size, and each of its entries beside it', () => {
  const mapping = { from: { field: 'country' }, to: 'Country', values: { DE: 'Germany', XX: null, 1: true } };

  const { how, values } = mappingInWords(mapping, {}, () => null);

  expect(how).toBe('Value table with 3 entries, others stay');
  expect(values).toEqual([
    { value: '1', becomes: 'true' },
    { value: 'DE', becomes: 'Germany' },
    { value: 'XX', becomes: 'blank' },
  ]);
});
