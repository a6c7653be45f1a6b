/** Sizes that tests scale down and that an installation may change; the defaults suit an organisation of any size. */
export interface SalesforceTuning {
  /** More records than this are read and written by bulk jobs (Bulk API 2.0 guide, "When to Use Bulk API 2.0"). */
  bulkFrom: number;
  /** Most rows and bytes of a page of a bulk query, which is fetched by one call and kept as it came; what it has comes in steps of so many rows. */
  pageRows: number;
  pageBytes: number;
  stepRows: number;
  /** Records of a bulk job: Salesforce works in batches of 10,000 (Bulk API 2.0 guide, "Limits"). */
  jobRecords: number;
  /** Bytes of a bulk file; Salesforce takes 100 MB, memory stays flat with less. */
  jobBytes: number;
  batchesAtOnce: number;
  /** First and longest wait between two looks at a bulk job. */
  firstPollMs: number;
  longestPollMs: number;
  /** A write looks at its bulk job for so long; then the caller asks later. */
  patienceMs: number;
  /** Longest wait for an answer to begin: Salesforce ends queries after two minutes, calls that write after ten. */
  readAnswerMs: number;
  writeAnswerMs: number;
  /** Longest silence within an answer. */
  idleMs: number;
}

export const DEFAULT_TUNING: SalesforceTuning = {
  bulkFrom: 2_000,
  pageRows: 50_000,
  pageBytes: 20_000_000,
  stepRows: 2_500,
  jobRecords: 10_000,
  jobBytes: 16_000_000,
  batchesAtOnce: 4,
  firstPollMs: 100,
  longestPollMs: 5_000,
  patienceMs: 120_000,
  readAnswerMs: 130_000,
  writeAnswerMs: 11 * 60_000,
  idleMs: 60_000,
};
