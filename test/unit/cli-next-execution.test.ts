import { EXECUTION } from '../../src/api/schemas/executions';
import { syncAnswer } from '../../src/api/schemas/syncs';
import { ApiClient } from '../../src/cli/api-client';
import { nextExecution } from '../../src/cli/next-execution';
import { json, type ScriptedServer, startScriptedServer } from '../support/scripted-server';

const SYNC = syncAnswer.parse(syncAnswer.meta()?.example);
const QUICK = { firstPauseMs: 1, longestPauseMs: 5, mostFailures: 2 };
const IN_MONTHS = new Date(Date.now() + 90 * 86_400_000).toISOString();
const waiting = { ...SYNC, name: 'Nightly', nextRunAt: IN_MONTHS, lastExecution: null };
const begun = { ...SYNC, lastExecution: { ...EXECUTION, number: 13 } };
const wishes = (state: string, why: string | null) => ({
  items: [
    {
      id: SYNC.id,
      kind: 'runNow',
      state,
      why,
      askedAt: '2026-12-01T09:14:03.512Z',
      askedBy: 'Jane Doe',
      executionId: null,
    },
  ],
  nextCursor: null,
});

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

/** Waits at a server that answers the first look as told first, and so on; a number is a status of a server that is away. */
async function wait(answers: readonly unknown[], isAsked = false) {
  server = await startScriptedServer((_request, response, count) => {
    const answer = answers[count - 1];
    if (typeof answer === 'number') json(response, answer, { detail: 'away' });
    else json(response, 200, answer);
  });
  const told: string[] = [];
  const client = new ApiClient({ url: server.url, key: 'k' });
  const waited = await nextExecution(
    client,
    SYNC,
    { after: 12, isAsked, tell: (line) => told.push(line) },
    QUICK,
  ).catch((error: unknown) => error);
  return { waited, told };
}

test('a run that is months ahead is waited for, and its time told once', async () => {
  const { waited, told } = await wait([waiting, waiting, 503, waiting, begun]);

  expect(waited).toMatchObject({ number: 13 });
  expect(told).toEqual([`Nightly runs at ${IN_MONTHS}. This waits until then; Ctrl+C ends the wait alone.`]);
});

test('a run that was asked for is waited for whenever the schedule says, and its refusal ends the wait', async () => {
  const taken = await wait([wishes('waiting', null), waiting, wishes('taken', null), begun], true);
  await server?.close();
  const refused = await wait([wishes('refused', 'The sync has ended.')], true);

  expect(taken).toMatchObject({ waited: { number: 13 }, told: [] });
  expect(refused.waited).toMatchObject({ exitCode: 1, message: 'The run was refused: The sync has ended.' });
});

test('where no worker runs that is told while it is waited', async () => {
  const late = { ...waiting, nextRunAt: '2026-11-01T00:00:00.000Z', overdueSince: '2026-11-01T00:00:00.000Z' };

  const { told } = await wait([late, begun]);

  expect(told).toEqual(['Nightly should have run at 2026-11-01T00:00:00.000Z: no worker runs, or Temporal is away.']);
});

test.each([
  ['cancelled', null, 'Nightly is cancelled, and no execution has begun. Activate it to run it.'],
  ['completed', null, 'Nightly is completed, and no execution has begun. Activate it to run it.'],
  ['paused', null, 'Nightly is paused: it runs when it is resumed.'],
  ['needsAttention', 'Sign in again.', 'Nightly waits for a person (Sign in again.): it runs when it is resumed.'],
])('a sync that is %s before it has run ends the wait with exit code 1', async (status, problem, message) => {
  const { waited } = await wait([waiting, { ...waiting, status, problem, nextRunAt: null }]);

  expect(waited).toMatchObject({ exitCode: 1, message });
});

test('a server that stays away ends the wait', async () => {
  const { waited } = await wait([502, 502, 502]);

  expect(waited).toMatchObject({ exitCode: 3 });
});
