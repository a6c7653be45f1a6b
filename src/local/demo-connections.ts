import { z } from 'zod';
import type { Settings } from '../settings';

const pageSchema = z.object({
  items: z.array(z.object({ name: z.string() })),
  nextCursor: z.string().nullable(),
});
/** The sandbox's default instances accept this as client id and as secret. */
const SANDBOX_CREDENTIAL = 'sandbox';

/** The two connections to the sandbox that a first visitor finds. */
function demoConnections({ salesforce, marketo }: Settings['sandbox']['ports']) {
  const client = { clientId: SANDBOX_CREDENTIAL, clientSecret: SANDBOX_CREDENTIAL };
  // nobody else uses the sandbox
  const quotaShare = 1;
  return [
    {
      name: 'Demo Marketo',
      kind: 'marketo',
      settings: { baseUrl: `http://127.0.0.1:${marketo}`, quotaShare, ...client },
    },
    {
      name: 'Demo Salesforce',
      kind: 'salesforce',
      settings: {
        loginUrl: `http://127.0.0.1:${salesforce}`,
        quotaShare,
        auth: { type: 'clientCredentials', ...client },
      },
    },
  ];
}

/**
 * Creates the connections to the sandbox that are not there, through the API.
 * @param apiUrl without a slash at the end
 * @returns the names of those that were created
 */
export async function createDemoConnections(
  apiUrl: string,
  apiKey: string,
  ports: Settings['sandbox']['ports'],
): Promise<string[]> {
  const present = await connectionNames(apiUrl, apiKey);
  const absent = demoConnections(ports).filter(({ name }) => !present.has(name));
  for (const connection of absent) {
    await call(apiUrl, apiKey, '/api/v1/connections', { method: 'POST', body: JSON.stringify(connection) });
  }
  return absent.map(({ name }) => name);
}

async function connectionNames(apiUrl: string, apiKey: string): Promise<Set<string>> {
  const names = new Set<string>();
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page = pageSchema.parse(await call(apiUrl, apiKey, `/api/v1/connections${query}`, {}));
    for (const { name } of page.items) names.add(name);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return names;
}

async function call(apiUrl: string, apiKey: string, path: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(`${apiUrl}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}
