import { createHash } from 'node:crypto';
import type { SalesforceSettings } from '../../domain/connection';
import type { ConnectorDeps } from '../connector-deps';
import { ConnectorError } from '../connector-error';
import { inSignIn } from './call-context';
import { DailyQuota } from './daily-quota';
import { HttpTransport } from './http-transport';
import { type ConsentCode, signInByCode } from './sign-in';

/** An app of Salesforce's that people let act for them. */
export interface WebClient {
  loginUrl: string;
  clientId: string;
  clientSecret?: string | undefined;
}

/** What an integration needs: the APIs, and to go on when nobody is there (help, "OAuth Tokens and Scopes"). */
const SCOPE = 'api refresh_token';

/**
 * The page of Salesforce's on which a person lets Sync in (help, "OAuth 2.0 Web Server Flow", with PKCE after RFC 7636).
 * @param given.state comes back with the code, and tells that both belong together
 * @param given.verifier 43 to 128 characters, of which the page is told the hash alone
 */
export function consentUrl(
  { loginUrl, clientId }: WebClient,
  { redirectUri, state, verifier }: { redirectUri: string; state: string; verifier: string },
): string {
  const url = new URL(`${loginUrl}/services/oauth2/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: SCOPE,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}

/**
 * Turns the code of a consent into a refresh token; the code works once.
 * @returns the token, and the organisation that it is of, 18 characters
 * @throws ConnectorError when it is refused, or the app hands out no refresh token
 */
export async function redeemConsent(
  client: Pick<SalesforceSettings, 'quotaShare'> & WebClient,
  consent: ConsentCode,
  deps: ConnectorDeps,
): Promise<{ refreshToken: string; organizationId: string }> {
  const none = { accessToken: null, signIn: null, onTokenAccepted: () => undefined, takesToken: () => false };
  const transport = new HttpTransport(deps, new DailyQuota(client.quotaShare, deps), none);
  const { refreshToken, organizationId } = await inSignIn(() => signInByCode(client, consent, transport, deps));
  if (refreshToken === null) {
    throw new ConnectorError(
      'The app of Salesforce hands out no refresh token. Allow it the scope "Perform requests at any time (refresh_token, offline_access)".',
      'NO_REFRESH_TOKEN',
      { retry: 'never' },
    );
  }
  return { refreshToken, organizationId };
}
