import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { webhookPayload } from '../../src/api/schemas/webhooks';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks';
import { webhookSender } from '../../src/webhooks/send';
import { makeSigningSecret } from '../../src/webhooks/signature';
import { freePort } from '../support/ports';

const page = readFileSync('docs/webhooks.md', 'utf8');

test('each event stands in the table', () => {
  const named = [...page.matchAll(/^\| `([\w.]+)`/gm)].map(([, name]) => name);

  expect(named.sort()).toEqual([...WEBHOOK_EVENTS].sort());
});

describe('the receiver of the page', () => {
  const secret = makeSigningSecret();
  const body = JSON.stringify(webhookPayload.meta()?.example);
  let folder: string;
  let receiver: ChildProcess;
  let port: number;

  beforeAll(async () => {
    const [, program = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    folder = await mkdtemp(join(tmpdir(), 'sync-receiver-'));
    const file = join(folder, 'receiver.mjs');
    await writeFile(file, program);
    port = await freePort();
    receiver = spawn(process.execPath, [file], {
      env: { WEBHOOK_SECRET: secret, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // it answers as soon as it listens
    while ((await send(makeSigningSecret(), 'nobody')).status === null);
  });
  afterAll(async () => {
    if (receiver.exitCode === null && receiver.signalCode === null) {
      receiver.kill();
      await once(receiver, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });

  const send = (by: string, eventId: string) => {
    const host = `127.0.0.1:${port}`;
    const target = { url: `http://${host}/`, secrets: [by] };
    return webhookSender([host]).send(target, { eventId, body }, AbortSignal.timeout(60_000));
  };

  test('takes what we sign, once, and refuses what others do', async () => {
    const lines: string[] = [];
    createInterface({ input: receiver.stdout ?? process.stdin }).on('line', (line) => lines.push(line));

    const statuses = [
      (await send(makeSigningSecret(), 'one')).status,
      (await send(secret, 'one')).status,
      (await send(secret, 'one')).status,
    ];
    receiver.kill();
    await once(receiver, 'close');

    expect(statuses).toEqual([401, 204, 204]);
    expect(lines).toEqual([expect.stringMatching(/^execution\.ended EU leads to contacts partial https:/)]);
  });
});
