/**
 * How many records a case is tried with. Some cases tell of so many that each run of all tests would take minutes longer; a tenth of
 * them shows the same. `CASE_SIZES=told` takes as many as docs/cases.md tells.
 */
export const sized = <Size>({ usual, told }: { usual: Size; told: Size }): Size =>
  process.env.CASE_SIZES === 'told' ? told : usual;
