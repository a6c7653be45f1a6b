import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../run.mjs';

const PEOPLE = 1_500;

/**
 * Starts everything that `npm start` starts, with ports and a folder of its own.
 * @param settings environment variables besides
 * @returns addresses, the API as a function and its key, the sandbox's control API, and what ends it
 */
export async function startSync(settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sync-pages-'));
  const ports = await freePorts(9);
  const [port, salesforce, marketo, control, tlsSalesforce, tlsMarketo, temporal, temporalUi, postgres] = ports;
  const child = spawn(process.execPath, [join(root, 'dist', 'src', 'main.js')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      SYNC_DATA_DIR: folder,
      SYNC_SANDBOX: 'on',
      SYNC_SANDBOX_PEOPLE: String(PEOPLE),
      SYNC_SANDBOX_PORTS: [salesforce, marketo, control].join(','),
      SYNC_SANDBOX_TLS_PORTS: [tlsSalesforce, tlsMarketo].join(','),
      SYNC_TEMPORAL_PORTS: [temporal, temporalUi].join(','),
      SYNC_POSTGRES_PORT: String(postgres),
      ...settings,
    },
  });
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const told = await addresses(child);
    const key = readFileSync(told.get('API key') ?? join(folder, 'api.key'), 'utf8').trim();
    const url = told.get('Sync');
    return {
      url,
      key,
      vendors: { salesforce: `http://127.0.0.1:${salesforce}`, marketo: `http://127.0.0.1:${marketo}` },
      signInLink: told.get('Sign in'),
      api: caller(`${url}/api/v1`, { authorization: `Bearer ${key}` }),
      sandbox: caller(`http://127.0.0.1:${control}`),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What it prints, line by line, as `name: value`; it is ready with the path of the key, the last of them. */
async function addresses(child) {
  const told = new Map();
  for await (const line of createInterface({ input: child.stdout })) {
    const [, name, value] = /^([A-Z][\w ]+): (\S+)$/.exec(line) ?? [];
    if (name !== undefined) told.set(name, value);
    if (told.has('Sync') && told.has('Sign in') && told.has('API key')) {
      // what it says from now on must not fill the pipe
      child.stdout.resume();
      return told;
    }
  }
  throw new Error('Sync ended before it was ready.');
}

/** Calls a JSON API. @throws Error with what it answered where that is a refusal */
const caller =
  (base, headers = {}) =>
  async (method, path, body) => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

/** Ports that are free now, all at once, so that they differ. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
