import type { Filter } from '../../src/domain/definition';
import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';
import type { ApiReply } from '../support/running-api';
import { marketoPeople } from '../support/vendor-rows';

let syncs: MarketoSyncs;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: 0 });
  // one of them makes an expression grow beyond all measure
  syncs.sandbox.marketo.vendor.stores.insertRecords('leads', [
    { email: 'one@example.com', lastName: 'aa' },
    { email: 'two@example.com', lastName: 'a'.repeat(250) },
    { email: 'three@example.com', lastName: 'ba' },
  ]);
});
afterAll(() => syncs.stop());
beforeEach(() => syncs.reset());

const completed = ({ status }: ShownSync) => status === 'completed';
const errorsOf = ({ body }: ApiReply) => body.errors as unknown as { path: string; message: string }[];
const draft = (more: object) => syncs.api.call('POST', '/syncs', { name: 'A draft', ...more });

const email = { from: { field: 'email' }, to: 'email' };
const computed = (expression: string) => [email, { from: { expression }, to: 'title' }];

describe('an expression that loops or grows', () => {
  test('is stopped where a record makes it grow: that record fails, and the others are loaded', async () => {
    // 250 letters become 62,500, and those 15 million
    const grows = 'lastName.replace("a", lastName).replace("a", lastName).left(10)';
    const syncId = await syncs.activated({ mappings: computed(grows) });

    const { lastExecution } = await syncs.until(syncId, completed);

    expect(lastExecution).toMatchObject({ state: 'partial', counts: { read: 3, created: 2, failed: 1 } });
    const { body } = await syncs.api.call('GET', `/executions/${lastExecution?.id}/records?outcome=failed`);
    expect(body.items).toMatchObject([{ reason: 'expression', field: 'title' }]);
    expect(JSON.stringify(body.items)).toContain('more than 200000 characters');
    // each "a" has become the whole name, twice
    expect(marketoPeople(syncs.target).map(({ title }) => title)).toEqual(['aaaaaaaa', 'bbba']);
  });

  test.each([
    ['repeats', '[1, 2, 3].map(x, [1, 2, 3].map(y, x * y)).size()', /no function map/],
    ['takes a pattern', 'lastName.matches("(a+)+$")', /no function matches/],
    ['is nested without end', `${'('.repeat(2_000)}1${')'.repeat(1_900)}`, /maxDepth \(40\)/],
    ['has more parts than are evaluated', Array.from({ length: 400 }, () => '1').join('+'), /maxAstNodes \(300\)/],
    ['gives no value', '[email]', /^The expression gives a list/],
  ])('that %s is refused when the sync is activated, with its place', async (_what, expression, told) => {
    const { body } = await draft({ ...whole(), mappings: computed(expression) });
    const reply = await syncs.control(String(body.id), 'activate');

    expect(reply.status).toBe(422);
    expect(errorsOf(reply)).toEqual([{ path: 'mappings[1].from.expression', message: expect.stringMatching(told) }]);
  });

  test('that is longer than anybody writes is refused when the sync is saved', async () => {
    const reply = await draft({ mappings: computed('1 + '.repeat(2_000)) });

    expect(reply.status).toBe(422);
    expect(errorsOf(reply)).toEqual([
      { path: 'mappings[1].from.expression', message: expect.stringContaining('4000') },
    ]);
  });

  const whole = () => ({
    source: { connectionId: syncs.sourceId, object: 'Lead' },
    destination: { connectionId: syncs.targetId, object: 'Lead' },
    schedule: { type: 'now' },
  });
});

describe('a definition beyond all measure is refused when it is saved, naming the limit and the member', () => {
  const table = (entries: number, text = 'Value') =>
    Object.fromEntries(Array.from({ length: entries }, (_none, index) => [`${text} ${index}`, `${text} ${index}`]));
  const translated = (values: object, to = 'country') => ({ from: { field: 'country' }, to, values });

  test('a value table of 100,000 entries', async () => {
    const reply = await draft({ mappings: [email, translated(table(100_000, 'A value of a table'))] });

    expect(reply.status).toBe(422);
    expect(errorsOf(reply)).toEqual([
      {
        path: 'mappings[1].values',
        message: 'A value table can have 10000 entries; this one has 100000.',
      },
    ]);
  });

  test('many large tables', async () => {
    const large = table(9_000, 'A text that is rather long');
    const reply = await draft({
      mappings: Array.from({ length: 12 }, (_none, index) => translated(large, `f${index}`)),
    });

    expect(reply.status).toBe(422);
    expect(errorsOf(reply)).toEqual([{ path: 'mappings', message: expect.stringContaining('5000000 bytes') }]);
  });

  test('more than is read of a body at all', async () => {
    const reply = await draft({ description: 'x'.repeat(17_000_000) });

    expect(reply).toMatchObject({ status: 413, body: { detail: expect.stringContaining('16000000 bytes') } });
  });

  test('300 mappings and a table of 5,000 entries are taken', async () => {
    const mappings = Array.from({ length: 300 }, (_none, index) => ({ from: { constant: 'x' }, to: `field${index}` }));

    const reply = await draft({ mappings: [...mappings, translated(table(5_000))] });

    expect(reply.status).toBe(201);
  });
});

describe('a filter that is nested 50 levels deep is refused when it is saved, naming the limit', () => {
  const condition: Filter = { column: 'email', operator: 'isNotEmpty' };
  const nested = (levels: number, wrap: (inner: Filter) => Filter): Filter =>
    levels === 0 ? condition : wrap(nested(levels - 1, wrap));
  const groups = {
    not: (inner: Filter) => ({ not: inner }),
    all: (inner: Filter) => ({ all: [condition, inner] }),
    any: (inner: Filter) => ({ any: [inner] }),
  };

  test.each(Object.entries(groups))('of "%s"', async (_name, wrap) => {
    const saved = await draft({ filter: nested(50, wrap) });
    const asked = await syncs.api.call('POST', '/query', {
      source: { connectionId: syncs.sourceId, object: 'Lead' },
      filter: nested(50, wrap),
    });

    for (const reply of [saved, asked]) {
      expect(reply.status).toBe(422);
      expect(errorsOf(reply)).toEqual([
        { path: 'filter', message: 'Groups of a filter can be nested 20 levels deep; here it is 50.' },
      ]);
    }
  });

  test('20 levels are taken, and evaluated', async () => {
    const syncId = await syncs.activated({ filter: nested(20, groups.all) });

    expect((await syncs.until(syncId, completed)).lastExecution?.counts).toMatchObject({ read: 3, filteredOut: 0 });
  });

  test('more conditions than can be evaluated for each record are refused as well', async () => {
    const reply = await draft({ filter: { any: Array.from({ length: 1_001 }, () => condition) } });

    expect(errorsOf(reply)).toEqual([
      { path: 'filter', message: 'A filter can hold 1000 conditions; this one has 1001.' },
    ]);
  });
});
