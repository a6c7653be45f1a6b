import type { MarketoHost } from '../../src/sandbox/sandbox';

/** Calls an instance directly, as any program would; signs in anew each time. @throws Error when a record is refused */
export async function marketoPost(
  host: MarketoHost,
  path: string,
  body: unknown,
): Promise<{ id: number; status: string }[]> {
  const { clientId, clientSecret } = host.credentials as { clientId: string; clientSecret: string };
  const grant = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const signIn = await fetch(`${host.url}/identity/oauth/token?${new URLSearchParams(grant)}`);
  const { access_token: token } = (await signIn.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${host.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const { success, result = [] } = (await answer.json()) as {
    success: boolean;
    result?: { id: number; status: string }[];
  };
  if (!success || result.some(({ status }) => status === 'skipped')) throw new Error(`${path} was refused.`);
  return result;
}
