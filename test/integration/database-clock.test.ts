import { openDatabase } from '../../db/client';
import { createLogger } from '../../src/logging';
import { DatabaseClock } from '../../src/worker/database-clock';
import { createTestDatabase } from '../support/database';

const YEAR_MS = 365 * 86_400_000;

test.each([0, YEAR_MS])(
  'workers go by the time of the database, whatever their own clocks say (%d ms)',
  async (passed) => {
    const testDatabase = await createTestDatabase();
    const { sql, close } = openDatabase(testDatabase.url);
    try {
      // a count that began at any time, as those of two processes do
      const clock = await DatabaseClock.of(sql, createLogger('worker', 'silent'), () => passed + performance.now());

      const [row] = await sql<{ at: string }[]>`select clock_timestamp() as at`;

      expect(Math.abs(Date.parse(clock.now()) - Date.parse(row?.at ?? ''))).toBeLessThan(5_000);
    } finally {
      await close();
      await testDatabase.drop();
    }
  },
);
