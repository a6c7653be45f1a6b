import { Router } from 'express';
import { noteAudit } from '../../db/queries/audit';
import { takeSignInLink } from '../../db/queries/sessions';
import type { ApiDeps } from './deps';
import { hashToken, openSession, sessionCookie, sessionTokenOf } from './session';

/** A link is good for so long. */
export const LINK_MS = 10 * 60_000;
const PATH = '/sign-in-link';

/** What a person opens in their browser. */
export const signInUrl = ({ publicUrl }: ApiDeps['settings'], token: string): string =>
  `${publicUrl}${PATH}?token=${token}`;

/** Opens a session for whom follows a link first, and leads to the first page, so that the token does not stay in the address. */
export function signInLink(deps: ApiDeps): Router {
  const router = Router();
  router.get(PATH, async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    const { token } = request.query;
    // a look at the head, as previews of links take it, is not following it
    const before = sessionTokenOf(request.headers.cookie, deps.settings);
    const opened =
      request.method === 'GET' && typeof token === 'string'
        ? await open(deps, token, before, request.ip ?? null)
        : null;
    if (opened === null) return response.redirect(303, '/?link=ended');
    response.setHeader('Set-Cookie', sessionCookie(deps.settings, opened)).redirect(303, '/');
  });
  return router;
}

/** @returns the token of the new session; null when the link has ended */
function open(
  { database, now }: ApiDeps,
  linkToken: string,
  before: string | null,
  address: string | null,
): Promise<string | null> {
  return database.db.transaction(async (tx) => {
    const signedInWith = await takeSignInLink(tx, hashToken(linkToken), now());
    if (!signedInWith) return null;
    const { token, sessionId } = await openSession(tx, signedInWith, before, now());
    await noteAudit(tx, { who: 'A sign-in link', address, action: 'session.open', subject: `session/${sessionId}` });
    return token;
  });
}
