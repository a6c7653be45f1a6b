/**
 * Takes items before they are asked for, so many at most, so that making the next ones and working on the last ones go on side by side.
 * Whoever stops early waits for what is being made.
 * @param items made one after the other, as a generator makes them however often it is asked
 */
export async function* ahead<Item>(items: AsyncGenerator<Item>, atMost: number): AsyncGenerator<Item> {
  const coming: Promise<IteratorResult<Item>>[] = [];
  const askForNext = () => {
    const next = items.next();
    // its error is met when it is awaited; until then, or where a stop comes before, it must not count as unhandled
    next.catch(() => undefined);
    coming.push(next);
  };
  for (let count = 0; count < atMost; count += 1) askForNext();
  try {
    for (let next = await coming.shift(); next && !next.done; next = await coming.shift()) {
      askForNext();
      yield next.value;
    }
  } finally {
    await items.return(undefined);
  }
}
