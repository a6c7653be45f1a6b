import { whyNot } from '../../src/domain/sync-status';

test.each(['draft', 'completed', 'cancelled'] as const)(
  'to run a sync that is %s, it has to be activated',
  (status) => {
    expect(whyNot('runNow', status)).toMatch(/this works while it is active\. Activate it to run it\.$/);
  },
);

test('a sync that is paused is resumed, not activated', () => {
  expect(whyNot('runNow', 'paused')).toBe('The sync is paused; this works while it is active.');
});
