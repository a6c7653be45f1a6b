/**
 * How many random cases a property is tried with. `PROPERTY_RUNS` asks for more of them; a failure names its seed and path, with which
 * `PROPERTY_SEED` and `PROPERTY_PATH` repeat it.
 */
export function propertyRuns(usual: number): { numRuns: number; seed?: number; path?: string } {
  const { PROPERTY_RUNS: runs, PROPERTY_SEED: seed, PROPERTY_PATH: path } = process.env;
  return { numRuns: Number(runs ?? usual), ...(seed ? { seed: Number(seed) } : {}), ...(path ? { path } : {}) };
}
