import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from '../../src/cli/api-client';
import { findExecution } from '../../src/cli/find';

const ID = '5d3f1c1e-0f2b-4c57-9f2e-6f0c8a9d1b2e';

test('an id that nothing has is told as one that is neither an execution nor a sync', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response
      .writeHead(404)
      .end(JSON.stringify({ type: '', title: '', status: 404, detail: 'There is no such thing.' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new ApiClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'k' });

  const finding = findExecution(client, ID);

  await expect(finding).rejects.toMatchObject({
    message: `There is no execution and no sync with the id ${ID}.`,
    exitCode: 1,
  });
  expect(asked).toEqual([`/api/v1/executions/${ID}`, `/api/v1/syncs/${ID}`]);
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});
