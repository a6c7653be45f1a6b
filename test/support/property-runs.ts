/** How many random cases a property is tried with: `PROPERTY_RUNS` asks for more of them, `PROPERTY_PATH` leads to one that failed. */
export function propertyRuns(usual: number): { numRuns: number; path?: string } {
  const { PROPERTY_RUNS: runs, PROPERTY_PATH: path } = process.env;
  return { numRuns: Number(runs ?? usual), ...(path ? { path } : {}) };
}
