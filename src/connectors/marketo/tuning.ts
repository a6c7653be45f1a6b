/** Sizes and waits that tests scale down and that an installation may change; the defaults suit an instance of any size. */
export interface MarketoTuning {
  /** Bytes of an export's file that one page holds; more need more memory, fewer need more calls. */
  pageBytes: number;
  /** A record that does not fit into a page makes it grow up to so many bytes. */
  mostPageBytes: number;
  /** Waits before the first look at an export, between the first two, and the longest: Marketo changes its state once a minute at most. */
  firstPollMs: number;
  secondPollMs: number;
  longestPollMs: number;
  /** Wait for a place in the queue of exports, which all integrations share. */
  queueWaitMs: number;
  /** First wait for a file that is not there although its export is completed; each further one is five times as long. */
  missingFileMs: number;
  /** Waits after the calls of a window were used up (606), growing to the whole window. */
  rateWaitsMs: readonly number[];
  /** First wait after too many calls at once (615); it doubles, with jitter. */
  concurrencyWaitMs: number;
  /** Wait for the end of a token that Marketo hands out again although its life is over. */
  tokenWaitMs: number;
  /** Longest time from a call to the end of its answer; Marketo's own limits are 30 s for most, 60 s for queries, 90 s for Sync Leads. */
  callMs: number;
  fileMs: number;
  /** So many empty blocks of 300 ids in a row are taken for the end of an object that is walked by its ids. */
  emptyBlocks: number;
  /** Blocks of ids that are asked for at once. */
  blocksAtOnce: number;
  /** Blocks of 300 ids in which the first person is looked for. */
  probeBlocks: number;
  /** Next look after an activity log that has not told yet. */
  askAgainMs: number;
}

export const DEFAULT_TUNING: MarketoTuning = {
  pageBytes: 4 << 20,
  mostPageBytes: 64 << 20,
  firstPollMs: 250,
  secondPollMs: 1_000,
  longestPollMs: 60_000,
  queueWaitMs: 30_000,
  missingFileMs: 1_000,
  rateWaitsMs: [5_000, 10_000, 20_000, 20_000],
  concurrencyWaitMs: 500,
  tokenWaitMs: 1_000,
  callMs: 120_000,
  fileMs: 300_000,
  emptyBlocks: 20,
  blocksAtOnce: 5,
  probeBlocks: 10,
  askAgainMs: 60_000,
};

/** Records of a call and of a page, values of a filter (Marketo developer guide, "API limits"). */
export const BATCH_RECORDS = 300;
