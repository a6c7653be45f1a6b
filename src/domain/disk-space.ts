/** So much stays free on the disk of the database, whatever is staged: others need room as well, and so does its log. */
export const KEPT_FREE_BYTES = 256 << 20;
/** What a record takes besides its values: rows in the tables of each phase, their keys in the indexes, the outcome. */
const BYTES_OF_ROWS = 800;
/** How often its values are stored: as read, as mapped, as planned with what was there before, and in the log of the database. */
const TIMES_STORED = 4;

/**
 * Estimates what a run needs for records that are still to be staged.
 * @param bytesOfRecord of the values of one, on average
 */
export const bytesToStage = (records: number, bytesOfRecord: number): number =>
  Math.ceil(records * (BYTES_OF_ROWS + TIMES_STORED * bytesOfRecord));

/**
 * Decides whether there is room to stage.
 * @returns what to tell a person when there is not; null when there is
 */
export function lackOfSpace(neededBytes: number, freeBytes: number): string | null {
  if (freeBytes >= neededBytes + KEPT_FREE_BYTES) return null;
  return (
    `The disk of the database has too little room: about ${megabytes(neededBytes + KEPT_FREE_BYTES)} MB are needed, and ` +
    `${megabytes(freeBytes)} MB are free. Make room, or narrow the filter, then resume.`
  );
}

const megabytes = (bytes: number): number => Math.ceil(bytes / (1 << 20));

/** What a person is told when the disk is full in the middle of a run. */
export const DISK_FULL_TEXT =
  'The disk of the database is full. Nothing is lost: the run goes on where it stopped. Make room, then resume.';

/** PostgreSQL: `disk_full`, `configuration_limit_exceeded` (the limit of temporary files); and what the system itself says. */
const DISK_FULL_CODES = ['53100', '53400', 'ENOSPC', 'EDQUOT'];

export const isDiskFull = (code: string | undefined): boolean => code !== undefined && DISK_FULL_CODES.includes(code);
