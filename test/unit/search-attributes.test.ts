import type { Client } from '@temporalio/client';
import { TemporalEngine } from '../../src/engine/temporal-engine';

interface Server {
  /** So often it does not list yet what was registered. */
  looksBefore: number;
  /** How it refuses to register, as a gRPC code. */
  refusal?: number;
}

/** An engine at a server that does what is told, and what it asked of that. */
function engineAt(server: Server) {
  let registered: Record<string, number> = {};
  const asked = { lists: 0, registrations: 0 };
  const operatorService = {
    async listSearchAttributes() {
      asked.lists += 1;
      return { customAttributes: asked.lists > 1 + server.looksBefore ? registered : {} };
    },
    async addSearchAttributes({ searchAttributes }: { searchAttributes: Record<string, number> }) {
      asked.registrations += 1;
      // another process registers the same
      if (server.refusal === undefined || server.refusal === 6) registered = searchAttributes;
      if (server.refusal !== undefined)
        throw Object.assign(new Error('refused'), { code: server.refusal, details: 'refused', metadata: {} });
    },
  };
  const withDeadline = (_deadline: unknown, call: () => Promise<unknown>) => call();
  const client = { options: { namespace: 'default' }, connection: { operatorService, withDeadline } };
  return { engine: new TemporalEngine(client as unknown as Client), asked }; // all that is used of it here
}

test.each<[string, Server]>([
  ['lists what was registered at once', { looksBefore: 0 }],
  ['lists what was registered a moment later', { looksBefore: 3 }],
  ['has just been told the same by another process', { looksBefore: 2, refusal: 6 }],
])('workflows are searchable at a server that %s', async (_what, server) => {
  const { engine, asked } = engineAt(server);

  expect(await engine.isSearchable()).toBe(true);
  expect(await engine.isSearchable()).toBe(true);
  expect(asked.registrations).toBe(1);
});

test('they are not where search attributes may not be registered, which is asked once in a while', async () => {
  const { engine, asked } = engineAt({ looksBefore: 0, refusal: 7 });

  expect(await engine.isSearchable()).toBe(false);
  expect(await engine.isSearchable()).toBe(false);
  expect(asked.registrations).toBe(1);
});

test('any other failure is told', async () => {
  await expect(engineAt({ looksBefore: 0, refusal: 14 }).engine.isSearchable()).rejects.toThrow('refused');
});
