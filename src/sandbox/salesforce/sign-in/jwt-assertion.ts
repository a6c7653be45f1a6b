import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import type { Settings } from '../settings';
import { OAuthError } from './oauth-error';

const LOGIN_HOSTS = ['https://login.salesforce.com', 'https://test.salesforce.com'];
const SECOND_MS = 1_000;

const headerSchema = z.object({ alg: z.string() });
const claimsSchema = z.object({
  iss: z.string(),
  sub: z.string().optional(),
  /** An older name of `sub`. */
  prn: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.coerce.number(),
});

interface AssertionCheck {
  settings: Settings;
  nowMs: number;
  /** Addresses of the org that are good audiences besides the login hosts. */
  ownAddresses: readonly string[];
}

/**
 * Checks a signed statement of who signs in (help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration").
 * @returns the user name
 * @throws OAuthError
 */
export function userOfAssertion(assertion: string, { settings, nowMs, ownAddresses }: AssertionCheck): string {
  const [header = '', claims = '', signature = '', ...more] = assertion.split('.');
  const { alg } = decoded(header, headerSchema);
  const { iss, sub, prn, aud, exp } = decoded(claims, claimsSchema);
  if (alg !== 'RS256' || more.length > 0) throw invalidAssertion();
  if (iss !== settings.clientId) throw new OAuthError('invalid_client_id', 'client identifier invalid');
  const key = keyOf(settings);
  if (!key || !verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')))
    throw invalidAssertion();
  const good = [...LOGIN_HOSTS, ...ownAddresses];
  if (![aud].flat().some((one) => good.includes(one))) throw new OAuthError('invalid_grant', 'audience is invalid');
  if (exp * SECOND_MS <= nowMs) throw new OAuthError('invalid_grant', 'assertion is expired');
  const user = sub ?? prn;
  if (user === undefined) throw invalidAssertion();
  return user;
}

/** A certificate is as good as the key in it. */
function keyOf({ jwtPublicKey }: Settings): KeyObject | undefined {
  if (jwtPublicKey === null) return undefined;
  try {
    return createPublicKey(jwtPublicKey);
  } catch {
    return undefined; // an administrator has kept something that is no key
  }
}

function decoded<T>(part: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    throw invalidAssertion();
  }
}

function invalidAssertion(): OAuthError {
  return new OAuthError('invalid_grant', 'invalid assertion');
}
