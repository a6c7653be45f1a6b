import { z } from 'zod';

const answer = z.object({ url: z.url() });

/**
 * Asks the API for a link that signs in whom follows it first. The token is made there and travels in the answer alone: no process has it
 * among its arguments, and no log of a part has it.
 * @param apiUrl without a slash at the end
 */
export async function makeSignInLink(apiUrl: string, apiKey: string): Promise<string> {
  const response = await fetch(`${apiUrl}/api/v1/session/links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`A sign-in link was refused with ${response.status}: ${await response.text()}`);
  return answer.parse(await response.json()).url;
}
