import { Router } from 'express';
import { noteAudit } from '../../db/queries/audit';
import { insertSession, type SignedInWith, takeSignInLink } from '../../db/queries/sessions';
import type { ApiDeps } from './deps';
import { hashToken, newToken, sessionCookie } from './session';

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
    const opened = request.method === 'GET' && typeof token === 'string' ? await open(deps, token) : null;
    if (opened === null) return response.redirect(303, '/?link=ended');
    response.setHeader('Set-Cookie', sessionCookie(deps.settings, opened)).redirect(303, '/');
  });
  return router;
}

/** @returns the token of the new session; null when the link has ended */
function open({ database, now }: ApiDeps, linkToken: string): Promise<string | null> {
  return database.db.transaction(async (tx) => {
    const signedInWith: SignedInWith | null = await takeSignInLink(tx, hashToken(linkToken), now());
    if (!signedInWith) return null;
    const token = newToken();
    const sessionId = await insertSession(tx, { ...signedInWith, tokenHash: hashToken(token), now: now() });
    await noteAudit(tx, { who: 'A sign-in link', action: 'session.open', subject: `session/${sessionId}` });
    return token;
  });
}
