import { timingSafeEqual } from 'node:crypto';
import type { Settings } from '../settings';
import { OAuthError } from './oauth-error';

interface SentClient {
  clientId: string | null;
  clientSecret: string | null;
}

/** The client of the form, or of HTTP Basic where the form names none. */
function sentClient(form: URLSearchParams, authorization: string | undefined): SentClient {
  const clientId = form.get('client_id');
  if (clientId !== null) return { clientId, clientSecret: form.get('client_secret') };
  const basic = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return { clientId: null, clientSecret: null };
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return { clientId: unescaped(text), clientSecret: null };
  return { clientId: unescaped(text.slice(0, colon)), clientSecret: unescaped(text.slice(colon + 1)) };
}

/** Both halves are form-encoded before they are joined (RFC 6749, 2.3.1). */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text; // a percent sign that nobody has encoded
  }
}

/**
 * @param secret `optional`: may be left out, but not be wrong
 * @returns whether the secret was sent
 * @throws OAuthError
 */
export function authenticateClient(
  form: URLSearchParams,
  authorization: string | undefined,
  settings: Settings,
  secret: 'required' | 'optional',
): boolean {
  const { clientId, clientSecret } = sentClient(form, authorization);
  if (clientId !== settings.clientId) throw new OAuthError('invalid_client_id', 'client identifier invalid');
  const isMissing = clientSecret === null || clientSecret === '';
  if (isMissing && secret === 'optional') return false;
  if (isMissing || !sameText(clientSecret, settings.clientSecret))
    throw new OAuthError('invalid_client', 'invalid client credentials');
  return true;
}

export function sameText(sent: string, kept: string): boolean {
  const [a, b] = [Buffer.from(sent), Buffer.from(kept)];
  return a.length === b.length && timingSafeEqual(a, b);
}
