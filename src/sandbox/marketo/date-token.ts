import { ApiError } from './api-error';
import { fromBase32, toBase32 } from './page-token';

/** A place among activities: an instant, and the id of the last activity that was delivered at that instant. */
export interface ActivityPlace {
  instant: number;
  position: number;
}

/** Base32 of `2026-09-17T00:00:00.000+0000,0`: the form of the tokens in the vendor's older examples. */
export function toDateToken({ instant, position }: ActivityPlace): string {
  return toBase32(Buffer.from(`${new Date(instant).toISOString().replace('Z', '+0000')},${position}`));
}

/** @throws ApiError 1002 where no token was sent, 1003 for one that is none */
export function fromDateToken(token: string | null): ActivityPlace {
  if (token === null || token === '')
    throw new ApiError('1002', `Missing value for the required parameter 'nextPageToken'`);
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\+0000,(\d{1,15})$/.exec(fromBase32(token)?.toString() ?? '');
  const instant = Date.parse(`${match?.[1]}Z`);
  if (!match || Number.isNaN(instant)) throw new ApiError('1003', 'Invalid nextPageToken');
  return { instant, position: Number(match[2]) };
}
