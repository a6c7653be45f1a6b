import { deleteSession, insertSignInLink } from '../../../db/queries/sessions';
import { Problem } from '../problem';
import { route } from '../route';
import { sessionAnswer, signInLinkAnswer } from '../schemas/session';
import { hashToken, newToken, noSessionCookie, openSession, sessionCookie, signedInWith } from '../session';
import { LINK_MS, signInUrl } from '../sign-in-link';

const subjectOf = (sessionId: string): string => `session/${sessionId}`;

/** Sessions of browsers; programs need none, they send their key. */
export const sessionRoutes = [
  route({
    method: 'get',
    path: '/session',
    summary: 'Tell who is signed in',
    tag: 'Session',
    role: 'viewer',
    status: 200,
    answer: sessionAnswer,
    handle: async ({ caller: { name, role } }) => ({ name, role }),
  }),
  route({
    method: 'post',
    path: '/session',
    summary: 'Open a session for a browser, by a cookie',
    description:
      'For the web UI. The session may do what its API key may, and ends with it, after 12 hours without use, a week after it was opened, ' +
      'or when the same browser opens another. ' +
      'Changes by the cookie have to come from a page of the same origin, with the header `X-Sync-Request`.',
    tag: 'Session',
    role: 'viewer',
    status: 201,
    answer: sessionAnswer,
    isSecret: true,
    handle: ({ caller, sessionToken, change }, { settings, now }) =>
      change(async (tx, note) => {
        const { token, sessionId } = await openSession(tx, signedInWith(caller, settings), sessionToken, now());
        await note('session.open', subjectOf(sessionId));
        const { name, role } = caller;
        return { status: 201, headers: { 'Set-Cookie': sessionCookie(settings, token) }, body: { name, role } };
      }),
  }),
  route({
    method: 'delete',
    path: '/session',
    summary: 'End the session of a browser',
    tag: 'Session',
    role: 'viewer',
    status: 204,
    answer: null,
    refusals: [404],
    handle: ({ caller: { sessionId }, change }, { settings }) =>
      change(async (tx, note) => {
        const isOver = sessionId !== undefined && (await deleteSession(tx, sessionId));
        if (!isOver) throw new Problem(404, 'There is no session; the call has an API key of its own.');
        await note('session.end', subjectOf(sessionId));
        return { status: 204, headers: { 'Set-Cookie': noSessionCookie(settings) }, body: undefined };
      }),
  }),
  route({
    method: 'post',
    path: '/session/links',
    summary: 'Make a link that signs a browser in, once, within ten minutes',
    description: 'Who follows it may do what the caller may.',
    tag: 'Session',
    role: 'admin',
    status: 201,
    answer: signInLinkAnswer,
    isSecret: true,
    handle: ({ caller, change }, { settings, now }) =>
      change(async (tx, note) => {
        const token = newToken();
        const expiresAt = new Date(Date.parse(now()) + LINK_MS).toISOString();
        await insertSignInLink(tx, { ...signedInWith(caller, settings), tokenHash: hashToken(token), expiresAt });
        await note('session.offerLink', 'session', { expiresAt });
        return { url: signInUrl(settings, token), expiresAt };
      }),
  }),
];
