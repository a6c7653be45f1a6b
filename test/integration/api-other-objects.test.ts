import type { SyncEngine } from '../../src/engine/engine';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningApi, settingsOf } from '../support/running-api';

let sandbox: Sandbox;
let api: RunningApi;
let marketo: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  // nothing is started here
  api = await RunningApi.start({ engine: {} as SyncEngine, allowedHosts: [new URL(sandbox.marketo.url).host] });
  const settings = settingsOf(sandbox.marketo);
  marketo = String((await api.call('POST', '/connections', { name: 'Marketo', kind: 'marketo', settings })).body.id);
});
afterAll(async () => {
  await api.stop();
  await sandbox.stop();
});

/** Saves a sync of opportunities of Marketo to companies, unless told otherwise, and asks for its activation. */
async function activate(more: Record<string, unknown> = {}) {
  const saved = await api.call('POST', '/syncs', {
    name: 'Others',
    source: { connectionId: marketo, object: 'Opportunity' },
    destination: { connectionId: marketo, object: 'Company' },
    match: { source: 'externalOpportunityId', destination: 'externalCompanyId' },
    mappings: [
      { from: { field: 'externalOpportunityId' }, to: 'externalCompanyId' },
      { from: { field: 'name' }, to: 'company' },
    ],
    schedule: { type: 'now' },
    ...more,
  });
  expect(saved.status).toBe(201);
  return api.call('POST', `/syncs/${String(saved.body.id)}/activate`);
}

test.each([
  ['no filter', undefined],
  ['a filter on another column', { column: 'name', operator: 'in', value: ['A'] }],
  [
    'keys in one of two alternatives',
    {
      any: [
        { column: 'externalOpportunityId', operator: 'in', value: ['O-1'] },
        { column: 'stage', operator: 'equals', value: 'Won' },
      ],
    },
  ],
])(
  'opportunities, which Marketo lists by their keys alone, are refused with %s, and the keys are named',
  async (_case, filter) => {
    const { status, body } = await activate(filter === undefined ? {} : { filter });

    expect(status).toBe(422);
    expect(body.errors).toEqual([
      {
        path: 'filter',
        message: expect.stringMatching(/by its keys alone\. Add a filter "in" on .*externalOpportunityId/),
      },
    ]);
  },
);

test.each([
  ['ProgramMember', /Add the program's id, as in ProgramMember:1005/],
  ['ProgramMember:99', /no object ProgramMember:99/],
])('%s is refused as a source, and the answer says what is needed', async (object, message) => {
  const { status, body } = await activate({ source: { connectionId: marketo, object } });

  expect(status).toBe(422);
  expect(body.errors).toEqual([{ path: 'source.object', message: expect.stringMatching(message) }]);
});

test('the members of a program can be asked for as an object', async () => {
  const { id } = sandbox.marketo.vendor.programs.add({ name: 'Spring webinar' });

  const objects = await api.call('GET', `/connections/${marketo}/objects`);
  const fields = await api.call('GET', `/connections/${marketo}/objects/ProgramMember:${id}`);

  expect(JSON.stringify(objects.body)).toContain(`ProgramMember:${id}`);
  expect(fields.status).toBe(200);
  expect(JSON.stringify(fields.body)).toContain('statusName');
});
