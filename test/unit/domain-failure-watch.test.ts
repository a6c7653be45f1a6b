import { FailureWatch } from '../../src/domain/failure-watch';
import fc from '../support/fast-check';

const rule = { percent: 5, of: 100 };

test('up to so many failures are borne, one more is too many', () => {
  const watch = new FailureWatch(rule);

  watch.add(5, 5);
  const borne = watch.complaint();
  watch.add(1, 1);

  expect(borne).toBeUndefined();
  expect(watch.complaint()).toContain('6 of the last 6 records failed, more than 5 % of 100');
});

test('failures that lie further back are forgotten', () => {
  const watch = new FailureWatch(rule);

  watch.add(5, 5);
  watch.add(100, 0);
  watch.add(5, 5);

  expect(watch.complaint()).toBeUndefined();
});

test('without a rule everything may fail', () => {
  const watch = new FailureWatch(undefined);

  watch.add(1_000, 1_000);

  expect(watch.complaint()).toBeUndefined();
});

test('it complains exactly when at some time more than the share of the last records had failed', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (fates, of) => {
      const watch = new FailureWatch({ percent: 20, of });
      for (const failed of fates) watch.add(1, Number(failed));

      const failedLately = fates.map(
        (_fate, index) => fates.slice(Math.max(0, index + 1 - of), index + 1).filter(Boolean).length,
      );
      expect(watch.complaint() !== undefined).toBe(failedLately.some((failed) => failed > 0.2 * of));
    }),
  );
});
