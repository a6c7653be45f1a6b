import { SharedRateLimit } from '../../src/connectors/shared-rate-limit';
import type { Ask, Grant } from '../../src/domain/instance-limit';

/** All that is wanted. */
const generous = ({ wants }: Ask): Grant => ({ ...wants, leaseMs: 10_000, isContended: false, pauseMs: 0 });

test('a limit that could not be renewed while nobody called is agreed on anew at the next call', async () => {
  let isAway = false;
  const exchange = async (ask: Ask) => {
    if (isAway) throw new Error('the database is away');
    return generous(ask);
  };
  let tell = (_trouble: unknown): void => undefined;
  const told = new Promise((resolve) => {
    tell = resolve;
  });
  const limit = new SharedRateLimit({ calls: Number.POSITIVE_INFINITY, windowMs: 0, atOnce: 10 }, exchange, (trouble) =>
    tell(trouble),
  );
  const { signal } = new AbortController();
  (await limit.take(signal))();

  isAway = true;
  await told;
  isAway = false;
  const giveBack = await limit.take(signal);

  giveBack();
  await limit.close();
}, 10_000);
