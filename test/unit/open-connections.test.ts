import type { Connector } from '../../src/connectors/connector';
import { ConnectorError } from '../../src/connectors/connector-error';
import { openConnections } from '../../src/worker/open-connections';

const { signal } = new AbortController();

/** A connection over a system that counts what it is asked. */
async function counted(answer: (name: string) => Promise<unknown>) {
  const asked: string[] = [];
  const ask = (name: string) => {
    asked.push(name);
    return answer(name);
  };
  const connector = { describe: ask, objects: () => ask('all') } as unknown as Connector;
  let nowMs = 0;
  const open = openConnections(
    async (connectionId) => ({ connectionId, fingerprint: 'same' }),
    () => connector,
    () => nowMs,
  );
  return { asked, pass: (ms: number) => (nowMs += ms), ...(await open('one')) };
}

test('objects and their descriptions are asked for once a minute, however many want them', async () => {
  const { asked, pass, objects, describe } = await counted(async () => []);

  await Promise.all([objects(signal), objects(signal), describe('Lead', signal), describe('Lead', signal)]);
  pass(59_000);
  await objects(signal);
  expect(asked).toEqual(['all', 'Lead']);
  pass(1_000);
  await Promise.all([objects(signal), describe('Lead', signal), describe('Lead', signal, true)]);

  expect(asked).toEqual(['all', 'Lead', 'all', 'Lead', 'Lead']);
});

test('that there is no such object is known for ten seconds; any other failure is asked again at once', async () => {
  const failure = (code: string) => new ConnectorError('No.', code, { retry: 'never' });
  const { asked, pass, describe } = await counted(async (name) => {
    throw failure(name === 'Nothing' ? 'UNKNOWN_OBJECT' : 'UNREACHABLE');
  });
  const fails = (name: string) => expect(describe(name, signal)).rejects.toThrow('No.');

  for (const name of ['Nothing', 'Nothing', 'Lead', 'Lead']) await fails(name);
  expect(asked).toEqual(['Nothing', 'Lead', 'Lead']);
  pass(10_000);
  await fails('Nothing');

  expect(asked).toEqual(['Nothing', 'Lead', 'Lead', 'Nothing']);
});

test('names that are given without end are not remembered without end', async () => {
  const { asked, describe } = await counted(async () => ({}));

  for (let n = 0; n <= 500; n += 1) await describe(`Object${n}`, signal);
  await describe('Object500', signal);
  await describe('Object0', signal);

  expect(asked).toHaveLength(502);
});
