import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCli } from '../../src/cli/run';
import { json, type ScriptedServer, startScriptedServer } from '../support/scripted-server';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer((_request, response) => {
    const errors = [{ path: 'status', message: 'It is none of these.' }];
    json(response, 422, { type: 'about:blank', title: 'Invalid input', status: 422, detail: 'Look at it.', errors });
  });
});
afterAll(() => server.close());

async function syncctl(...args: string[]) {
  const [output, messages] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(output), text(messages)]);
  const exitCode = await runCli(args, {
    environment: { SYNC_URL: server.url, SYNC_API_KEY: 'k' },
    configFolder: '/nowhere',
    input: Readable.from([]),
    output,
    messages,
    isInteractive: false,
  });
  output.end();
  messages.end();
  const [out, told] = await written;
  return { exitCode, out, told };
}

test.each([
  [
    'a refusal of the server',
    ['syncs', 'list'],
    1,
    {
      type: 'problem',
      status: 422,
      message: 'Look at it.',
      errors: [{ path: 'status', message: 'It is none of these.' }],
    },
  ],
  [
    'a word that is no command',
    ['syncs', 'lisst'],
    2,
    { type: 'usage', message: expect.stringContaining("unknown command 'lisst'"), errors: [] },
  ],
  ['a command that lacks its second word', ['syncs'], 2, { type: 'usage', message: expect.any(String), errors: [] }],
  [
    'a file that is not there',
    ['validate', 'nowhere.yaml'],
    2,
    { type: 'usage', message: expect.stringContaining('nowhere.yaml'), errors: [] },
  ],
])('with --json %s is one object on standard error, with the exit code as without', async (_, args, code, told) => {
  const asJson = await syncctl(...args, '--json');
  const asText = await syncctl(...args);

  expect([asJson.exitCode, asJson.out, asText.exitCode]).toEqual([code, '', code]);
  expect(JSON.parse(asJson.told)).toEqual(told);
  expect(() => JSON.parse(asText.told)).toThrow();
});

test('without --json a refusal names what is wrong below what happened', async () => {
  expect(await syncctl('syncs', 'list')).toMatchObject({ told: 'Look at it.\n  status: It is none of these.\n' });
});
