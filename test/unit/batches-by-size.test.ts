import { intoBatches } from '../../activities/load-plan';
import type { PlannedRecord } from '../../db/queries/batches';
import type { Limits } from '../../src/connectors/connector';
import fc from '../support/fast-check';

const bytesOf = ({ values }: PlannedRecord) => Buffer.byteLength(JSON.stringify(values)) + 100;
const recordOf = (values: PlannedRecord['values']): PlannedRecord => ({
  ...{ sortKey: 's', sourceId: 's', matchKey: null, destinationId: null, key: null },
  values,
});
const limitsOf = (most: number, batchBytes: number) => ({ batchSize: () => most, batchBytes }) as unknown as Limits; // all that is asked for

test('batches hold all records in their order, and each as many as its number and its bytes allow', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '🚀', '"', '\u0001', '\n'), maxLength: 60 });
  const value = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null), fc.boolean());
  const records = fc.array(fc.dictionary(fc.constantFrom('Email', 'LastName', 'Größe'), value), { maxLength: 40 });
  fc.assert(
    fc.property(records, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3_000 }), (some, most, bytes) => {
      const planned = some.map(recordOf);

      const batches = [...intoBatches(planned, 'create', limitsOf(most, bytes))];

      expect(batches.flat()).toEqual(planned);
      for (const [index, batch] of batches.entries()) {
        const size = batch.reduce((sum, record) => sum + bytesOf(record), 0);
        expect(batch.length).toBeLessThanOrEqual(most);
        if (batch.length > 1) expect(size).toBeLessThanOrEqual(bytes);
        const [next] = batches[index + 1] ?? [];
        if (next && batch.length < most) expect(size + bytesOf(next)).toBeGreaterThan(bytes);
      }
    }),
  );
});
