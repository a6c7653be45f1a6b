/** Runs some work over so many records, and prints what it took. @returns what the work returned */
export async function measure<T>(what: string, records: number, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  console.log(`${what}: ${records} records in ${seconds.toFixed(1)} s, ${Math.round(records / seconds)}/s`);
  return result;
}

/** Prints the median time of the first and of the last tenth of the pages: equal where paging does not slow down with depth. */
export function printDepth(milliseconds: readonly number[]): void {
  const tenth = Math.max(1, Math.floor(milliseconds.length / 10));
  const [first, last] = [milliseconds.slice(0, tenth), milliseconds.slice(-tenth)].map((values) =>
    (median(values) ?? 0).toFixed(1),
  );
  console.log(`  a page: first tenth ${first} ms, last tenth ${last} ms`);
}

/** The value in the middle, the upper one of two; undefined where there is none. */
export const median = (values: readonly number[]): number | undefined =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
