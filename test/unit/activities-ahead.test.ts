import fc from 'fast-check';
import { ahead } from '../../activities/ahead';

/** Makes numbers, and tells how many it has made and whether it was ended. */
function numbers(most: number) {
  const told = { made: 0, isEnded: false };
  async function* make(): AsyncGenerator<number> {
    try {
      while (told.made < most) {
        await Promise.resolve();
        told.made += 1;
        yield told.made;
      }
    } finally {
      told.isEnded = true;
    }
  }
  return { told, items: make() };
}

/** Lets everything happen that waits for nothing else. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('items that are taken ahead', () => {
  test('all come, each once and in their order', () =>
    fc.assert(
      fc.asyncProperty(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 12 }), async (most, atMost) => {
        const taken: number[] = [];
        for await (const item of ahead(numbers(most).items, atMost)) taken.push(item);

        expect(taken).toEqual(Array.from({ length: most }, (_, index) => index + 1));
      }),
    ));

  test('while one is worked on, so many more are made, and none beyond', async () => {
    const { told, items } = numbers(100);

    const taken = ahead(items, 3);
    await taken.next();
    await settled();
    expect(told.made).toBe(1 + 3);
    await taken.next();
    await settled();
    expect(told.made).toBe(2 + 3);
  });

  test('whoever stops early ends the making, after what was under way', async () => {
    const { told, items } = numbers(100);

    for await (const item of ahead(items, 3)) if (item === 2) break;

    expect(told).toEqual({ made: 2 + 3, isEnded: true });
  });

  test('an error of the making is met behind the items before it', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error('broken');
    }
    const taken = ahead(broken(), 5);

    expect(await taken.next()).toEqual({ value: 1, done: false });
    await expect(taken.next()).rejects.toThrow('broken');
  });
});
