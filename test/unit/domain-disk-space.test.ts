import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { demandSpace } from '../../activities/disk-space';
import { bytesToStage, isDiskFull, KEPT_FREE_BYTES, lackOfSpace } from '../../src/domain/disk-space';
import { FailureType } from '../../src/domain/failures';
import { freeSpaceOf } from '../../src/worker/free-space';

const MB = 1 << 20;

test('what a run needs grows with its records and with their size', () => {
  expect(bytesToStage(0, 500)).toBe(0);
  expect(bytesToStage(2_000, 500)).toBe(2 * bytesToStage(1_000, 500));
  expect(bytesToStage(1_000, 1_000)).toBeGreaterThan(bytesToStage(1_000, 500));
});

test('too little room is told with what is needed and what is there; enough is enough to the byte', () => {
  expect(lackOfSpace(100 * MB, KEPT_FREE_BYTES + 100 * MB)).toBeNull();
  expect(lackOfSpace(100 * MB, KEPT_FREE_BYTES + 100 * MB - 1)).toMatch(/356 MB are needed, and 356 MB are free/);
  expect(lackOfSpace(2_000 * MB, 300 * MB)).toMatch(/2256 MB are needed, and 300 MB are free. Make room/);
});

test.each(['53100', '53400', 'ENOSPC'])('%s is a full disk', (code) => {
  expect(isDiskFull(code)).toBe(true);
});

test.each(['53200', '53300', '57P03', undefined])('%s is none: it passes by itself', (code) => {
  expect(isDiskFull(code)).toBe(false);
});

test('the free space of a folder is asked for; where none is given or it is not there, nothing is known', async () => {
  const log = pino({ level: 'silent' });
  const folder = await mkdtemp(join(tmpdir(), 'sync-space-'));

  expect(await freeSpaceOf(folder, log)()).toBeGreaterThan(0);
  expect(await freeSpaceOf(undefined, log)()).toBeNull();
  expect(await freeSpaceOf(join(folder, 'missing'), log)()).toBeNull();
});

describe('before a page is staged', () => {
  const bodies = Array.from({ length: 1_000 }, () => JSON.stringify(['x'.repeat(1_000)]));
  const withFree = (free: number | null) => ({ freeBytes: async () => free });

  test('what is left of its part is compared with the room that there is', async () => {
    const page = { bodies, total: 1_000_000 };

    await expect(demandSpace(withFree(1_000 * MB), page, 0)).rejects.toMatchObject({
      type: FailureType.NeedsAttention,
      message: expect.stringMatching(/about \d{4} MB are needed, and 1000 MB are free/),
    });
    await expect(demandSpace(withFree(1_000 * MB), page, 999_000)).resolves.toBeUndefined();
  });

  test('where the total is not known, the page itself counts; where the room is not known, nothing is asked', async () => {
    await expect(demandSpace(withFree(1 * MB), { bodies, total: undefined }, 0)).rejects.toMatchObject({
      type: FailureType.NeedsAttention,
    });
    await expect(demandSpace(withFree(null), { bodies, total: 1_000_000_000 }, 0)).resolves.toBeUndefined();
    await expect(demandSpace({}, { bodies, total: 1_000_000_000 }, 0)).resolves.toBeUndefined();
  });
});
