import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCli } from '../../src/cli/run';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { freePort } from '../support/ports';
import { type ApiReply, RunningApi } from '../support/running-api';
import { RunningSync } from '../support/running-sync';

const PEOPLE = 30;
const SECRET = 'sandbox';

let sandbox: Sandbox;
let sync: RunningSync;
let api: RunningApi;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox({ people: PEOPLE });
  const allowedHosts = [sandbox.marketo, sandbox.salesforce].map(({ url }) => new URL(url).host);
  sync = await RunningSync.start(allowedHosts);
  api = await RunningApi.start({ engine: sync.engine, allowedHosts, shared: sync });
  folder = await mkdtemp(join(tmpdir(), 'syncctl-'));
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await api.stop();
  await sync.stop();
  await sandbox.stop();
});

/** Two connections, called by a word of the test's own. @param secret how the file gives the secrets */
const connectionsFile = (word: string, secret: string) => `
connections:
  - name: ${word} Marketo
    kind: marketo
    settings: { baseUrl: "${sandbox.marketo.url}", clientId: sandbox, ${secret} quotaShare: 1 }
  - name: ${word} Salesforce
    kind: salesforce
    settings:
      loginUrl: ${sandbox.salesforce.url}
      quotaShare: 1
      auth: { type: clientCredentials, clientId: sandbox, ${secret} }
`;
const syncFile = (word: string, more = '') => `
syncs:
  - name: ${word} leads
    source: { connection: ${word} Marketo, object: Lead }
    destination: { connection: ${word} Salesforce, object: Contact }
    deduplicate: youngestByLastUpdate
    filter: { column: email, operator: isNotEmpty }
    mappings:
      - { from: { field: email }, to: Email }
      - { from: { field: lastName }, to: LastName }
    schedule: { type: now }
${more}`;
const given = `clientSecret: ${SECRET},`;

const YAML = { 'content-type': 'application/yaml' };
const post = (what: string, file: string, headers: Record<string, string> = {}) =>
  api.call('POST', `/definitions/${what}`, file, { ...YAML, ...headers });

interface Item {
  id: string;
  name: string;
  action: string;
  version: number;
  changes: { path: string; before?: unknown; after?: unknown }[];
}
const syncsOf = ({ body }: ApiReply) => body.syncs as unknown as Item[];
const countsOf = async (word: string) => {
  const tables = await Promise.all([
    api.database.sql`select from connections where name like ${`${word}%`}`,
    api.database.sql`select from syncs where name like ${`${word}%`}`,
  ]);
  return tables.map(({ length }) => length);
};
const keyOf = async (role: string) => {
  const { body } = await api.call('POST', '/api-keys', { name: `${role} ${Math.random()}`, role });
  return { authorization: `Bearer ${String(body.key)}` };
};

describe('by the API', () => {
  test('a file makes a sync from nothing, which runs to its outcomes; a second time it changes nothing', async () => {
    const file = connectionsFile('Api', given) + syncFile('Api');

    const validated = await post('validate', file);
    const compared = await post('compare', file);
    const nothingYet = await countsOf('Api');
    const applied = await post('apply', file);
    const again = await post('apply', file);

    expect(validated.body).toEqual({ valid: true, problems: [], notChecked: [] });
    expect(compared.body).toMatchObject({ counts: { create: 3, change: 0, unchanged: 0 }, syncs: [{ id: null }] });
    expect(nothingYet).toEqual([0, 0]);
    expect(applied.body).toMatchObject({ counts: { create: 3 }, syncs: [{ status: 'draft', version: 1 }] });
    expect(again.body).toMatchObject({ counts: { create: 0, change: 0, unchanged: 3 } });
    expect(await countsOf('Api')).toEqual([2, 1]);

    const [made] = syncsOf(applied);
    const activated = await api.call('POST', `/syncs/${made?.id}/activate`);
    const ended = await api.until(String(made?.id), ({ status }) => String(status) === 'completed');
    const { id, counts } = ended.lastExecution as unknown as { id: string; counts: { read: number; created: number } };
    const records = await api.call('GET', `/executions/${id}/records.csv?outcome=created`);

    expect(activated.status).toBe(202);
    expect(counts).toMatchObject({ read: PEOPLE, created: expect.any(Number) });
    expect(String(records.body.text).trim().split('\r\n')).toHaveLength(counts.created + 1);
  });

  test('what was applied is exported without its secrets, and the export applies as it is', async () => {
    await post('apply', connectionsFile('Exported', given) + syncFile('Exported'));
    const { body: list } = await api.call('GET', '/syncs?search=Exported');
    const [{ id }] = list.items as unknown as [{ id: string }];

    const yaml = await api.call('GET', `/definitions?syncId=${id}`, undefined, { accept: 'application/yaml' });
    const json = await api.call('GET', '/definitions');
    const again = await post('apply', String(yaml.body.text));

    expect(yaml.type).toContain('application/yaml');
    expect(yaml.body.text).toContain('connection: Exported Marketo');
    expect(`${JSON.stringify(json.body)} ${yaml.body.text}`).not.toContain('clientSecret');
    expect(again.body).toMatchObject({ counts: { create: 0, change: 0, unchanged: 3 } });
  });

  test('a change is told member by member, made as a new version, and noted in the audit', async () => {
    await post('apply', connectionsFile('Changed', given) + syncFile('Changed'));
    const file = connectionsFile('Changed', '').replace('quotaShare: 1 }', 'quotaShare: 0.4 }');
    const changed = file + syncFile('Changed').replace('lastName', 'firstName');

    const compared = await post('compare', changed);
    const applied = await post('apply', changed);
    const audit = await api.call('GET', '/audit?limit=2');

    expect(compared.body.connections).toMatchObject([
      { action: 'change', changes: [{ path: 'settings.quotaShare', before: 1, after: 0.4 }] },
      { action: 'unchanged' },
    ]);
    expect(syncsOf(compared)).toMatchObject([
      { changes: [{ path: 'mappings[LastName].from.field', before: 'lastName', after: 'firstName' }] },
    ]);
    expect(syncsOf(applied)).toMatchObject([{ version: 2 }]);
    const actions = (audit.body.items as unknown as { action: string }[]).map(({ action }) => action);
    expect(actions.sort()).toEqual(['connection.change', 'sync.change']);
  });

  test('each problem is told with its path and its line, and nothing is made', async () => {
    const file =
      connectionsFile('Wrong', given) +
      syncFile('Wrong', '  - { name: Wrong other, source: { connection: No, object: Lead } }\n');
    const wrong = file
      .replace('to: LastName', 'to: LastNam')
      .replace('field: email', 'field: mail')
      .replace('type: now', 'type: nev');

    const validated = await post('validate', wrong.replace('type: nev', 'type: now'));
    const misshaped = await post('apply', wrong);
    const refused = await post('apply', file);

    const lineOf = (part: string) => wrong.slice(0, wrong.indexOf(part)).split('\n').length;
    expect(validated.body).toMatchObject({ valid: false });
    expect(validated.body.problems).toEqual(
      expect.arrayContaining([
        { path: 'syncs[0].mappings[0].from.field', message: expect.any(String), line: lineOf('field: mail') },
        { path: 'syncs[0].mappings[1].to', message: expect.any(String), line: lineOf('to: LastNam') },
        { path: 'syncs[1].source.connection', message: expect.stringContaining('"No"'), line: lineOf('Wrong other') },
      ]),
    );
    expect(misshaped).toMatchObject({
      status: 422,
      body: {
        errors: [
          { path: 'syncs[0].schedule.type', line: lineOf('type: nev') },
          { path: 'syncs[1].source.connection', line: lineOf('Wrong other') },
        ],
      },
    });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'syncs[1].source.connection' }] } });
    expect(await countsOf('Wrong')).toEqual([0, 0]);
  });

  test('whatever goes by a connection that is wrong in the file is told to wait until that is mended', async () => {
    const file = [
      'connections: [{ name: Misspelt, kind: marketto, settings: {} }]',
      'syncs: [{ name: Waits, source: { connection: Misspelt, object: Lead }, destination: { connection: Unknown, object: Contact } }]',
    ].join('\n');

    const { body } = await post('validate', file);

    expect(body.problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: 'connections[0].kind' }),
        expect.objectContaining({
          path: 'syncs[0].source.connection',
          message: 'Mend the connection "Misspelt" of the file first.',
        }),
        expect.objectContaining({
          path: 'syncs[0].destination.connection',
          message: expect.stringContaining('There is no connection "Unknown"'),
        }),
      ]),
    );
  });

  test('a new connection without its secret is refused with the way to give it', async () => {
    const missing = await post('apply', connectionsFile('Secretless', ''));
    const unset = await post('apply', connectionsFile('Secretless', 'clientSecret: "$' + '{SOME_SECRET}",'));

    expect(missing).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'connections[0].settings.clientSecret' }, {}] },
    });
    expect(unset.status).toBe(422);
    expect(JSON.stringify(unset.body.errors)).toContain('Set the environment variable SOME_SECRET');
    expect(await countsOf('Secretless')).toEqual([0, 0]);
  });

  test('an active sync that would become incomplete keeps the whole file from being applied', async () => {
    const daily = '{ type: interval, every: { amount: 1, unit: day }, start: "2126-01-01T00:00" }';
    const file = connectionsFile('Live', given) + syncFile('Live').replace('{ type: now }', daily);
    const [made] = syncsOf(await post('apply', file));
    await api.call('POST', `/syncs/${made?.id}/activate`);
    const another = '  - { name: Live other }\n';

    const refused = await post('apply', file.replace('to: LastName', 'to: FirstName') + another);
    const moved = await post('apply', file.replace('amount: 1', 'amount: 2') + another);
    const wishes = await api.database.sql`select kind from sync_wishes where sync_id = ${String(made?.id)}`;

    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'syncs[0].mappings' }] } });
    expect(moved.body.counts).toEqual({ create: 1, change: 1, unchanged: 2 });
    expect(wishes).toMatchObject([{ kind: 'changeSchedule' }]);
    expect(await countsOf('Live')).toEqual([2, 2]);
    await api.call('POST', `/syncs/${made?.id}/cancel`);
  });

  test('operators apply syncs; connections, and whatever holds a secret, are for admins', async () => {
    const [viewer, operator] = await Promise.all([keyOf('viewer'), keyOf('operator')]);
    const whole = connectionsFile('Roles', given);
    await post('apply', whole);
    const withoutSecrets = connectionsFile('Roles', '');

    const statuses = await Promise.all([
      post('apply', syncFile('Roles'), viewer),
      post('compare', withoutSecrets + syncFile('Roles'), viewer),
      post('compare', whole, operator),
      post('apply', whole, operator),
      post('apply', withoutSecrets.replace('quotaShare: 1 }', 'quotaShare: 0.3 }'), operator),
      post('apply', withoutSecrets + syncFile('Roles'), operator),
    ]).then((replies) => replies.map(({ status }) => status));

    expect(statuses).toEqual([403, 200, 403, 403, 403, 200]);
  });

  test.each([
    ['no YAML', 'syncs: [', YAML, 400],
    ['a key that stands twice', 'syncs: []\nsyncs: []', YAML, 400],
    ['an alias', 'connections: &a []\nsyncs: *a', YAML, 400],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0x3a, 0xff]) as Uint8Array<ArrayBuffer>, YAML, 422],
    ['more than 20 MB', `# ${'x'.repeat(20_000_001)}`, YAML, 413],
    ['another type', 'syncs: []', { 'content-type': 'text/plain' }, 415],
    ['a text', 'syncs', YAML, 422],
    ['more syncs than a file can have', `syncs: [${'x,'.repeat(100_000)}]`, YAML, 422],
  ])('%s is refused', async (_what, body, headers, status) => {
    expect((await api.call('POST', '/definitions/apply', body, headers)).status).toBe(status);
  });
});

describe('by the command line', () => {
  /** Runs syncctl for a user who has a folder of his own, no terminal, and these variables. */
  async function syncctl(args: string | string[], more: { variables?: Record<string, string>; input?: string } = {}) {
    const [output, messages] = [new PassThrough(), new PassThrough()];
    const written = Promise.all([text(output), text(messages)]);
    const exitCode = await runCli(typeof args === 'string' ? args.split(' ') : args, {
      environment: more.variables ?? {},
      configFolder: folder,
      input: Readable.from([more.input ?? '']),
      output,
      messages,
      isInteractive: false,
    });
    output.end();
    messages.end();
    const [out, told] = await written;
    return { exitCode, out, told };
  }
  const fileOf = async (name: string, content: string) => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };

  test('it takes a sync from nothing to its outcomes', async () => {
    const files = [
      await fileOf('connections.yaml', connectionsFile('Cli', 'clientSecret: "$' + '{CLIENT_SECRET}",')),
      await fileOf('syncs.yaml', syncFile('Cli')),
    ].join(' ');
    const secret = { variables: { CLIENT_SECRET: SECRET } };

    const before = await syncctl('syncs list');
    const login = await syncctl(`login ${api.url}`, { input: `${api.key}\n` });
    const { mode } = await stat(join(folder, 'sync', 'syncctl.json'));
    const validated = await syncctl(`validate ${files}`, secret);
    const compared = await syncctl(`compare ${files} --exit-code`, secret);
    const unsure = await syncctl(`apply ${files}`, secret);
    const applied = await syncctl(`apply ${files} --yes --activate --watch --json`, secret);
    const again = await syncctl(`apply ${files}`);

    expect([before.exitCode, before.out]).toEqual([3, '']);
    expect(before.told).toContain('syncctl login');
    expect(login).toMatchObject({ exitCode: 0, out: expect.stringContaining('(admin)') });
    expect(mode & 0o777).toBe(0o600);
    expect(validated).toEqual({ exitCode: 0, out: 'No problem was found.\n', told: '' });
    expect(compared).toMatchObject({ exitCode: 1, out: expect.stringContaining('+ sync Cli leads') });
    expect(unsure).toMatchObject({ exitCode: 2, out: '' });
    expect(again).toMatchObject({ exitCode: 0, out: 'create 0, change 0, unchanged 3\n' });
    const states = applied.out.trim().split('\n').at(-1) ?? '';
    const execution = JSON.parse(states);
    expect([applied.exitCode, execution.state]).toEqual(
      execution.state === 'succeeded' ? [0, 'succeeded'] : [1, 'partial'],
    );
    expect(execution.counts.read).toBe(PEOPLE);
  });

  test('it lists, shows, tests, watches and downloads; data alone stands on the standard output', async () => {
    const { body } = await api.call('GET', '/syncs?search=Cli');
    const [{ id, lastExecution }] = body.items as unknown as [
      { id: string; lastExecution: { counts: { read: number } } },
    ];

    const connections = await syncctl('connections list --json');
    const tested = await syncctl(['connections', 'test', 'Cli Marketo']);
    const listed = await syncctl('syncs list --json --status completed');
    const shown = await syncctl(`syncs show ${id}`);
    const runs = await syncctl(`executions list ${id} --json`);
    const watched = await syncctl(['executions', 'watch', 'Cli leads']);
    const records = await syncctl(`records ${id}`);
    const failed = await syncctl(`records ${id} --outcome failed --json`);
    const exported = await syncctl('export');
    const refused = await syncctl(`syncs pause ${id}`);
    const misspelt = await syncctl('syncs lisst');
    const schema = await syncctl('schema');

    expect(JSON.parse(connections.out).map(({ name }: { name: string }) => name)).toContain('Cli Marketo');
    expect(tested).toMatchObject({ exitCode: 0, out: expect.stringMatching(/Works +yes/) });
    expect(JSON.parse(listed.out).map((one: { id: string }) => one.id)).toContain(id);
    expect(shown.out).toContain('Cli Marketo Lead');
    expect(JSON.parse(runs.out)).toHaveLength(1);
    expect(watched.out).toMatch(/State +(succeeded|partial)/);
    expect(records.out.trim().split('\r\n')).toHaveLength(lastExecution.counts.read + 1);
    for (const line of failed.out.trim().split('\n').filter(Boolean))
      expect(JSON.parse(line)).toMatchObject({ outcome: 'failed' });
    expect(exported.out).toContain('name: Cli leads');
    expect(refused).toMatchObject({ exitCode: 1, out: '', told: expect.stringContaining('completed') });
    expect(misspelt).toMatchObject({ exitCode: 2, out: '' });
    expect(JSON.parse(schema.out)).toEqual(await (await fetch(`${api.url}/definitions.schema.json`)).json());
  });

  test('a sync that is over is deleted by whoever says so', async () => {
    await api.call('POST', '/syncs', { name: 'Cli gone' });
    const remove = ['syncs', 'delete', 'Cli gone'];

    const unsure = await syncctl(remove);
    const deleted = await syncctl([...remove, '--yes']);
    const again = await syncctl([...remove, '--yes']);

    expect(unsure).toMatchObject({ exitCode: 2, out: '', told: expect.stringContaining('--yes') });
    expect(deleted).toMatchObject({ exitCode: 0, out: 'Cli gone: deleted\n' });
    expect(again).toMatchObject({ exitCode: 1, told: expect.stringContaining('There is no sync') });
  });

  test('a problem is told with its file and line, and a server that is away with what to do', async () => {
    const file = await fileOf('wrong.yaml', syncFile('Cli').replace('to: LastName', 'to: LastNam'));
    const broken = await fileOf('broken.yaml', 'syncs:\n  - name: x\n name: y\n');
    const nobody = { SYNC_URL: `http://127.0.0.1:${await freePort()}`, SYNC_API_KEY: 'somebody else' };

    const validated = await syncctl(`validate ${file}`);
    const unread = await syncctl(`validate ${broken}`);
    const missing = await syncctl('validate nowhere.yaml');
    const away = await syncctl('syncs list', { variables: nobody });
    const wrongKey = await syncctl('syncs list', { variables: { SYNC_URL: api.url, SYNC_API_KEY: 'wrong' } });
    const foreign = await syncctl('syncs list', { variables: { SYNC_URL: nobody.SYNC_URL } });

    const line = (await readFile(file, 'utf8')).split('\n').findIndex((text) => text.includes('LastNam')) + 1;
    expect(validated).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining(`wrong.yaml:${line}: syncs[0].mappings[1].to`),
    });
    expect(unread).toMatchObject({ exitCode: 1, told: expect.stringContaining('broken.yaml:3') });
    expect(missing).toMatchObject({ exitCode: 2, out: '' });
    expect(away).toMatchObject({ exitCode: 3, told: expect.stringContaining('ECONNREFUSED') });
    expect([wrongKey.exitCode, foreign.exitCode]).toEqual([3, 3]);
  });
});
