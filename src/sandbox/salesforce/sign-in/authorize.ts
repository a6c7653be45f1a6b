import type { Request, Response } from 'express';
import { OAuthError } from './oauth-error';
import type { SignInParts } from './token-flows';

/** The scopes of the app, which are granted when a client asks for none. */
const DEFAULT_SCOPE = 'api refresh_token';
const NO_STORE = { 'Cache-Control': 'no-store' };

interface AuthorizeRequest {
  parameters: URLSearchParams;
  redirectUri: string;
}

/**
 * The page on which a user lets an app in (help, "OAuth 2.0 Web Server Flow"). Whoever opens it counts as signed in as the
 * org's API user, and has only to allow or to deny.
 */
export function showAuthorizePage(parts: SignInParts, request: Request, response: Response): void {
  answerAuthorize(response, () => {
    const { parameters } = checked(parts, new URL(request.originalUrl, 'http://sandbox').searchParams);
    response
      .status(200)
      .set({
        ...NO_STORE,
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      })
      .type('html')
      .send(page(parts, parameters));
  });
}

/** The user has pressed a button: back to where the client wants to be told. */
export function answerAuthorizePage(parts: SignInParts, form: URLSearchParams, response: Response): void {
  answerAuthorize(response, () => {
    const { parameters, redirectUri } = checked(parts, form);
    const { grants, setup } = parts;
    const target = new URL(redirectUri);
    if (parameters.get('decision') === 'allow') {
      const code = grants.addCode({
        caller: { user: setup.userReference, userName: setup.username },
        scope: parameters.get('scope') || DEFAULT_SCOPE,
        redirectUri,
        challenge: parameters.get('code_challenge') || null,
      });
      target.searchParams.set('code', code);
    } else {
      target.searchParams.set('error', 'access_denied');
      target.searchParams.set('error_description', 'end-user denied authorization');
    }
    const state = parameters.get('state');
    if (state !== null) target.searchParams.set('state', state);
    response.set(NO_STORE).redirect(302, target.href);
  });
}

/** What is wrong with the request itself is told to the user: the client's address cannot be trusted. */
function answerAuthorize(response: Response, answer: () => void): void {
  try {
    answer();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    response.status(400).set(NO_STORE).type('text').send(`error=${error.code}&error_description=${error.message}`);
  }
}

function checked({ org }: SignInParts, parameters: URLSearchParams): AuthorizeRequest {
  const { clientId, redirectUris } = org.settings;
  if (parameters.get('client_id') !== clientId) throw new OAuthError('invalid_client_id', 'client identifier invalid');
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (!URL.canParse(redirectUri) || (redirectUris !== null && !redirectUris.includes(redirectUri)))
    throw new OAuthError('redirect_uri_mismatch', 'redirect_uri must match configuration');
  if (parameters.get('response_type') !== 'code')
    throw new OAuthError('unsupported_response_type', 'response type not supported');
  const method = parameters.get('code_challenge_method');
  if (parameters.has('code_challenge') && method !== null && method !== 'S256')
    throw new OAuthError('invalid_request', 'code challenge method not supported');
  return { parameters, redirectUri };
}

function page({ org, setup }: SignInParts, parameters: URLSearchParams): string {
  const hidden = [...parameters]
    .filter(([name]) => name !== 'decision')
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Allow access?</title>
<style>body{font:16px/1.5 sans-serif;max-width:30em;margin:4em auto}button{font:inherit;padding:.5em 1.5em;margin-right:1em}</style></head>
<body><main><h1>Allow access?</h1><p>The app <b>${escaped(org.settings.clientId)}</b> asks for access to the sandbox org
<b>${escaped(org.core.name)}</b> in the name of <b>${escaped(setup.username)}</b>.</p>
<form method="post" action="/services/oauth2/authorize">${hidden}
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form></main></body></html>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
