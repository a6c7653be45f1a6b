import { neutralised, restored } from '../../src/domain/csv-cell';
import fc from '../support/fast-check';

test.each(['=1+1', '+43 1', '-5', '@name', "'quoted", '\tx', '\rx', '\nx', '\0x', '＝1+1'])(
  '%j begins with an apostrophe in a download (ASVS 1.2.10)',
  (cell) => {
    expect(neutralised(cell)).toBe(`'${cell}`);
  },
);

test('what was downloaded is read back as it was (ASVS 1.1.1, 1.2.10)', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (cell) => restored(neutralised(cell)) === cell));
});
