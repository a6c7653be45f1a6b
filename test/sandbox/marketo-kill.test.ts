import type { Envelope } from './marketo-host';
import { useSandboxProcess } from './sandbox-process';

describe('a sandbox that is killed', () => {
  const program = useSandboxProcess();
  const signIn = async (url: string): Promise<Record<string, string>> => {
    const query = 'grant_type=client_credentials&client_id=sandbox&client_secret=sandbox';
    const answer = (await (await fetch(`${url}/identity/oauth/token?${query}`)).json()) as { access_token: string };
    return { Authorization: `Bearer ${answer.access_token}`, 'Content-Type': 'application/json' };
  };

  test('when it is started again, every lead that was acknowledged is there, once', async () => {
    const url = await program.start('Marketo');
    const headers = await signIn(url);
    const acknowledged: number[] = [];
    const write = async (batch: number): Promise<void> => {
      const input = Array.from({ length: 20 }, (_, index) => ({ email: `kill${batch}-${index}@example.org` }));
      const answer = await fetch(`${url}/rest/v1/leads.json`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ input }),
      });
      const { result = [] } = (await answer.json()) as Envelope;
      acknowledged.push(...result.map(({ id }) => id));
    };
    for (let batch = 0; batch < 20; batch += 1) await write(batch);
    const unfinished = Promise.allSettled([write(20), write(21)]);
    await Promise.all([unfinished, program.kill()]);

    const again = await program.start('Marketo');

    const found: number[] = [];
    const signedIn = await signIn(again);
    for (let first = 0; first < acknowledged.length; first += 300) {
      const query = new URLSearchParams({
        filterType: 'id',
        filterValues: acknowledged.slice(first, first + 300).join(),
      });
      const answer = await fetch(`${again}/rest/v1/leads.json?${query}`, { headers: signedIn });
      found.push(...(((await answer.json()) as Envelope).result ?? []).map(({ id }) => id));
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(400);
    expect(found.sort((a, b) => a - b)).toEqual(acknowledged.sort((a, b) => a - b));
  }, 30_000);
});
