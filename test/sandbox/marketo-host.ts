import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock, type RunningClock } from '../../src/sandbox/clock';
import { type Defect, type InstanceHost, startInstance } from '../../src/sandbox/instance-host';
import { createMarketoInstance, type MarketoInstance } from '../../src/sandbox/marketo/instance';
import { seededRandom } from '../../src/sandbox/seeded-random';

/** An answer of the lead database or of a bulk call, as far as tests look at it. */
export interface Envelope {
  requestId: string;
  success: boolean;
  // what a call answers differs from call to call: the tests say what they expect
  // biome-ignore lint/suspicious/noExplicitAny: see above
  result?: any[];
  errors?: { code: string; message: string }[];
  nextPageToken?: string;
  moreResult?: boolean;
  warnings?: string[];
}

export interface MarketoFixture {
  host: InstanceHost<MarketoInstance>;
  vendor: MarketoInstance;
  clock: RunningClock;
  url: string;
  /** Failures of the sandbox itself; every test file expects none. */
  defects: Defect[];
  token(): Promise<string>;
  get(path: string, parameters?: Record<string, string>): Promise<Envelope>;
  post(path: string, body?: unknown): Promise<Envelope>;
  /** Any request, signed in unless its headers say otherwise. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Ends the instance and starts it again over the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Midday of a summer day, so that nothing happens to fall on a quota's reset. */
export const START_AT = Date.parse('2026-08-30T17:00:00Z');

/** Time passes only as a test moves the clock, however long its calls take. */
export const standingStill = (): number => START_AT;

/**
 * Starts one Marketo instance of its own, by default without limits on calls.
 * @param machineNow what its clock goes by
 */
export async function startMarketo(
  settings: Record<string, unknown> = {},
  machineNow: () => number = Date.now,
): Promise<MarketoFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'sync-marketo-'));
  const clock = createClock(START_AT - machineNow(), () => undefined, machineNow);
  const defects: Defect[] = [];
  const start = (): Promise<InstanceHost<MarketoInstance>> =>
    startInstance({
      kind: 'marketo',
      name: 'default',
      file: join(folder, 'marketo.sqlite'),
      clock,
      random: seededRandom(5),
      host: '127.0.0.1',
      port: 0,
      initialFaults: [],
      createVendor: createMarketoInstance,
      onFaultsChange: () => undefined,
      onDefect: (defect) => defects.push(defect),
    });
  let host = await start();
  host.vendor.stores.settings.change({ callsPerWindow: 0, callsAtOnce: 0, ...settings });

  const token = async (): Promise<string> => {
    const query = 'grant_type=client_credentials&client_id=sandbox&client_secret=sandbox';
    const answer = await fetch(`${host.url}/identity/oauth/token?${query}`);
    const body = (await answer.json()) as { access_token: string };
    return body.access_token;
  };
  const send = async (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(host.url + path, { ...init, headers: { Authorization: `Bearer ${await token()}`, ...init.headers } });
  return {
    get host() {
      return host;
    },
    get vendor() {
      return host.vendor;
    },
    clock,
    get url() {
      return host.url;
    },
    defects,
    token,
    send,
    async get(path, parameters = {}) {
      const query = new URLSearchParams(parameters).toString();
      const answer = await send(query === '' ? path : `${path}?${query}`);
      return (await answer.json()) as Envelope;
    },
    async post(path, body) {
      const answer = await send(path, {
        method: 'POST',
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      });
      return (await answer.json()) as Envelope;
    },
    async restart() {
      await host.close();
      host = await start();
    },
    async close() {
      await host.close();
      clock.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Awaits a state of an extract, an import or anything else, looked at every 10 ms; the test's own time limit ends it. */
export async function until<T>(look: () => Promise<T>, isReached: (state: T) => boolean): Promise<T> {
  for (;;) {
    const state = await look();
    if (isReached(state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
