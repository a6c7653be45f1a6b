import { createServer } from 'node:net';
import { startSandbox } from '../../src/sandbox/sandbox';
import { freePort } from '../support/ports';

test('when the vendors have fixed ports, further instances take the first free ones that follow', async () => {
  const first = await freePort();
  const other = createServer();
  // a program that may hold the next port, or leave it to a third one: either way it is taken
  await new Promise<void>((resolve) => {
    other.once('error', () => resolve());
    other.listen(first + 1, '127.0.0.1', resolve);
  });
  const sandbox = await startSandbox({ ports: { marketo: first } });

  const one = await sandbox.createInstance('marketo', { name: 'one' });
  const two = await sandbox.createInstance('marketo', { name: 'two' });
  const chosen = await sandbox.createInstance('marketo', { name: 'chosen', port: 0 });

  await sandbox.stop();
  other.close();
  expect(one.ports.plain).toBeGreaterThan(first + 1);
  expect(two.ports.plain).toBeGreaterThan(one.ports.plain);
  expect(two.ports.plain).toBeLessThanOrEqual(first + 20);
  expect(new URL(chosen.url).port).not.toBe('0');
});

test('when the vendors have no fixed ports, further instances take any', async () => {
  const sandbox = await startSandbox();

  const further = await sandbox.createInstance('salesforce', { name: 'further' });

  const { status } = await fetch(further.url);
  await sandbox.stop();
  expect(status).toBeGreaterThanOrEqual(200);
});
