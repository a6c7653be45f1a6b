import type { Request } from 'express';

/** The web UI sets this; a form of another site cannot, and its scripts have to ask first, which nobody answers. */
const OWN_HEADER = 'x-sync-request';

/**
 * Whether a request that a browser's cookie vouches for may change something: it has to come from a page of this very origin. What only
 * reads is free, since no other site can see the answer.
 */
export function isSameOrigin(request: Request): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const { origin, host } = request.headers;
  const site = request.get('Sec-Fetch-Site');
  const isFromHere = origin === undefined || hostOf(origin) === host;
  return isFromHere && (site === undefined || site === 'same-origin') && request.get(OWN_HEADER) !== undefined;
}

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);
