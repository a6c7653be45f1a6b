import { setTimeout as sleep } from 'node:timers/promises';
import type { Cursor, Page, SourceRecord } from '../../src/connectors/connector';
import type { ObjectDescription } from '../../src/domain/object-description';
import { batchOf, equals, idsOf, readAll, requestFor, signal, useMarketo, valuesAt } from '../support/marketo-rig';

const rig = useMarketo();
let lead: ObjectDescription;
beforeAll(async () => {
  lead = await rig.connect().describe('Lead', signal);
});
afterEach(() => expect(rig.brokenRules()).toEqual([]));

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const setting = (patch: object) => void rig.marketo.vendor.stores.settings.change(patch);

/** Reads people as a connector does that has learnt nothing yet. */
const readPeople = (fields: string[], more?: Parameters<typeof requestFor>[2]) =>
  readAll(rig.connect(), requestFor(lead, fields, more));

/** Reads people by one part, on after each refusal. @param pauseMs after a refusal */
async function readDespite(fields: string[], pauseMs = 0) {
  const connector = rig.connect();
  const request = requestFor(lead, fields);
  const records: SourceRecord[] = [];
  const refusals: unknown[] = [];
  const [first = {}] = await connector.planRead(request, signal);
  for (let cursor: Cursor | null = first; cursor; ) {
    try {
      const page: Page = await connector.readPage(request, cursor, signal);
      records.push(...page.records);
      await sleep(page.waitMs ?? 0);
      cursor = page.next;
    } catch (error) {
      refusals.push(error);
      await sleep(pauseMs);
    }
  }
  return { records, refusals };
}

/** People whose dates lie so many days back, one for each. */
const peopleSpread = (count: number, days: number) =>
  Array.from({ length: count }, (_, index) => ({
    email: `p${index}@example.com`,
    firstName: `First ${index}`,
    lastName: `Łast, "${index}"\nsecond line`,
    createdAt: ago(days - (index * days) / count),
    updatedAt: ago(days - (index * days) / count),
  }));

describe('people as a whole', () => {
  test('are read over windows from the first one on, each at least once', async () => {
    rig.givenPeople(peopleSpread(400, 100));
    const connector = rig.connect();

    const parts = await connector.planRead(requestFor(lead, ['email']), signal);
    const records = await readAll(connector, requestFor(lead, ['email', 'lastName']));

    expect(parts.length).toBeGreaterThanOrEqual(4);
    expect(parts.length).toBeLessThanOrEqual(5);
    expect(idsOf(records)).toHaveLength(400);
    expect(records.find(({ values }) => values[0] === 'p7@example.com')?.values[1]).toBe('Łast, "7"\nsecond line');
  });

  test('come the same in pages of any size, down to those smaller than a record', async () => {
    rig.givenPeople(peopleSpread(60, 1));
    setting({ callsPerWindow: 0 });
    const whole = await readPeople(['email', 'lastName', 'leadScore', 'createdAt']);

    for (const pageBytes of [40, 333, 5_000]) {
      const connector = rig.connect({ pageBytes });
      const records = await readAll(connector, requestFor(lead, ['email', 'lastName', 'leadScore', 'createdAt']));
      expect(records).toEqual(whole);
    }
  });

  test('keep NUL, CR LF, quotes, the text "null" as blank, and letters beyond ASCII', async () => {
    rig.givenPeople([
      { email: 'a@example.com', lastName: 'ab\u0000cd' },
      { email: 'b@example.com', lastName: 'one\r\ntwo' },
      { email: 'c@example.com', lastName: '"' },
      { email: 'd@example.com', lastName: 'null' },
      { email: 'e@example.com', lastName: '👩‍🚀🚀 こんにちは' },
    ]);

    const records = await readPeople(['lastName']);

    expect(records.map(({ values }) => values[0])).toEqual([
      'ab\u0000cd',
      'one\r\ntwo',
      '"',
      null,
      '👩‍🚀🚀 こんにちは',
    ]);
  });

  test('when the instance is empty, there is nothing to read', async () => {
    const filter = { column: 'createdAt', operator: 'greaterThan' as const, value: ago(40) };

    expect(await readPeople(['email'], { filter })).toEqual([]);
  });

  test('when exports fail, are cancelled or lose their file, they are made again and nothing is lost or double', async () => {
    rig.givenPeople(peopleSpread(50, 1));
    setting({ failNextExports: 1 });
    expect(idsOf(await readPeople(['email']))).toHaveLength(50);
    setting({ missingFiles: 2 });
    expect(await readPeople(['email'])).toHaveLength(50);
    setting({ missingFiles: 4 });
    expect(await readPeople(['email'])).toHaveLength(50);
  });

  test('when the checksum of a file is wrong, nothing of it is used', async () => {
    rig.givenPeople(peopleSpread(50, 1));
    setting({ wrongChecksums: 1 });

    expect(await readPeople(['email'])).toHaveLength(50);
    expect(rig.calls('POST /bulk/v1/leads/export/create.json')).toBe(2);
  });

  test('when exports fail again and again, each further failure is told, and the next attempt makes a new one', async () => {
    rig.givenPeople(peopleSpread(5, 1));
    setting({ failNextExports: 2 });

    const { records, refusals } = await readDespite(['email'], 150);

    expect(refusals.map(String)).toEqual([expect.stringMatching(/export of Marketo could not be used/)]);
    expect(records).toHaveLength(5);
  });

  test.each(['letter', 'row', 'insideRow', 'quotedField'] as const)(
    'when a file is cut at a %s, the page is refused, and read again',
    async (at) => {
      rig.givenPeople(peopleSpread(50, 1));
      for (const ending of ['reset', 'clean'] as const) {
        rig.marketo.addFault({ match: { path: '*/file.json' }, count: 3, action: { type: 'cutBody', at, ending } });

        const { records, refusals } = await readDespite(['email', 'lastName']);

        expect(records).toHaveLength(50);
        expect(refusals.length).toBeGreaterThan(0);
        for (const refusal of refusals)
          expect(refusal).toMatchObject({ name: 'ConnectorError', advice: { retry: 'soon' } });
        rig.marketo.clearFaults();
      }
    },
  );

  test('when the queue of exports is full, the part waits for its place', async () => {
    rig.givenPeople(peopleSpread(5, 1));
    setting({ holdJobs: true, jobsInQueue: 1 });
    const request = requestFor(lead, ['email']);
    const holder = rig.connect();
    const waiting = rig.connect();
    const step = async (connector: typeof holder, cursor: Record<string, unknown>) =>
      connector.readPage(request, cursor, signal);
    const [held = {}] = await holder.planRead(request, signal);
    const made = await step(holder, held);
    await step(holder, made.next ?? {});
    const [start = {}] = await waiting.planRead(request, signal);
    const before = await step(waiting, start);

    const refused = await step(waiting, before.next ?? {});

    expect(refused).toEqual({ records: [], next: before.next, waitMs: 50 });
    setting({ holdJobs: false, jobsInQueue: 10 });
  });

  test('when the day’s megabytes of exports are used up, the run sleeps until they reset', async () => {
    rig.givenPeople(peopleSpread(5, 1));
    await readPeople(['email']);
    setting({ exportBytesPerDay: 1 });

    await expect(readPeople(['email'])).rejects.toMatchObject({
      code: '1029',
      advice: { retry: 'whenQuotaResets' },
    });
  });

  test('when the answer to the start of an export is lost, the export is neither lost nor made twice', async () => {
    rig.givenPeople(peopleSpread(5, 1));
    rig.marketo.addFault({ match: { path: '*/enqueue.json' }, nth: 1, action: { type: 'resetAfter' } });

    expect(await readPeople(['email'])).toHaveLength(5);
    expect(rig.calls('POST /bulk/v1/leads/export/create.json')).toBe(1);
  });
});

describe('people by filter', () => {
  test('conditions on the date of creation narrow the windows', async () => {
    rig.givenPeople(peopleSpread(100, 300));
    const filter = { column: 'createdAt', operator: 'between' as const, value: [ago(40), ago(20)] };

    const records = await readPeople(['createdAt'], { filter });

    expect(records.length).toBeGreaterThanOrEqual(6);
    expect(records.length).toBeLessThanOrEqual(9);
    expect(rig.calls('POST /bulk/v1/leads/export/create.json')).toBe(1);
  });

  test('the members of static lists are exported by their lists', async () => {
    rig.givenPeople(peopleSpread(10, 1));
    const { lists } = rig.marketo.vendor.stores;
    const [one, two] = [lists.add({ name: 'One' }), lists.add({ name: 'Two' })];
    for (const id of [1, 2, 3]) lists.addMember(one.id, id);
    for (const id of [3, 4]) lists.addMember(two.id, id);
    const inBoth = { column: 'staticListId', operator: 'in' as const, value: [one.id, two.id] };

    const first = await readPeople(['email'], { filter: equals('staticListId', one.id) });
    const both = await readPeople(['email'], { filter: { all: [inBoth] } });

    expect(idsOf(first)).toEqual([1, 2, 3]);
    expect(idsOf(both)).toEqual([1, 2, 3, 4]);
  });

  test('a list that is not there is told, for a person to act', async () => {
    await expect(readPeople(['email'], { filter: equals('staticListId', 4711) })).rejects.toMatchObject({
      code: '1013',
      advice: { retry: 'never' },
    });
  });

  test('keys are asked for by filter, 300 at a time, whatever characters they hold', async () => {
    const emails = ['ana+news@example.com', "o'neil@example.org", 'a&b@example.com', 'x%2By@example.com'];
    rig.givenPeople([...emails.map((email) => ({ email })), ...peopleSpread(900, 10)]);
    const value = [...emails, ...Array.from({ length: 650 }, (_, index) => `p${index}@example.com`)];

    const filter = { column: 'email', operator: 'in' as const, value };
    const records = await readPeople(['email'], { filter });

    expect(valuesAt(records)).toEqual([...value].sort());
    expect(rig.calls('POST /rest/v1/leads.json')).toBe(3);
    expect(rig.calls(/export/)).toBe(0);
  });

  test('when more than a thousand people hold the keys, they are asked for in halves', async () => {
    rig.givenPeople(Array.from({ length: 1_200 }, (_, index) => ({ email: `same${index % 4}@example.com` })));
    const filter = { column: 'email', operator: 'in' as const, value: [0, 1, 2, 3].map((n) => `same${n}@example.com`) };

    expect(idsOf(await readPeople(['email'], { filter }))).toHaveLength(1_200);
  });

  test('one key that more than a thousand people hold is told, for a person to choose another filter', async () => {
    rig.givenPeople(Array.from({ length: 1_001 }, () => ({ email: 'same@example.com' })));

    await expect(readPeople(['email'], { filter: equals('email', 'same@example.com') })).rejects.toMatchObject({
      code: 'TOO_MANY_MATCHES',
      advice: { retry: 'never' },
    });
  });

  test.each([{ moreResultFalse: true }, { omitNulls: true }])(
    'pages go on whatever else the answer says: %p',
    async (patch) => {
      setting(patch);
      rig.givenPeople(Array.from({ length: 700 }, () => ({ email: 'same@example.com' })));

      const filter = equals('email', 'same@example.com');
      const records = await readPeople(['email', 'phone'], { filter });

      expect(idsOf(records)).toHaveLength(700);
      expect(records[0]?.values).toEqual(['same@example.com', null]);
    },
  );
});

describe('people that changed', () => {
  const change = async (ids: number[], values: Record<string, string>) => {
    const records = ids.map((id) => ({ destinationId: String(id), key: null, values }));
    await rig.connect().write(batchOf(lead, { operation: 'update', records }), null, signal);
  };

  test('are exported by the date of their last change, which the first export finds out is possible', async () => {
    rig.givenPeople(peopleSpread(20, 60));
    await change([3, 5], { firstName: 'New' });

    const records = await readPeople(['firstName'], { changedSince: ago(0.01) });

    expect(idsOf(records)).toEqual(expect.arrayContaining([3, 5]));
    expect(idsOf(records).length).toBeLessThan(20);
    expect(rig.calls('POST /bulk/v1/leads/export/create.json')).toBe(1);
  });

  test('when the subscription lacks that export, the log of changes names them, over short and empty pages', async () => {
    setting({ updatedAtFilter: false, activitiesPerScan: 1 });
    rig.givenPeople(peopleSpread(20, 60));
    await change([3, 5], { firstName: 'New' });
    await change([7], { title: 'Not asked for' });
    const connector = rig.connect();

    const records = await readAll(connector, requestFor(lead, ['firstName'], { changedSince: ago(0.01) }));
    await readAll(connector, requestFor(lead, ['firstName'], { changedSince: ago(0.01) }));

    expect(idsOf(records)).toEqual([3, 5]);
    // the second read knows that the export is not there
    expect(rig.calls('POST /bulk/v1/leads/export/create.json')).toBe(1);
  });

  test('when the log does not reach back so far, everybody is read', async () => {
    setting({ updatedAtFilter: false });
    rig.givenPeople(peopleSpread(20, 200));

    const records = await readPeople(['firstName'], { changedSince: ago(120) });

    expect(idsOf(records)).toHaveLength(20);
  });

  test('when nothing changed, it takes few calls', async () => {
    rig.givenPeople(peopleSpread(20, 60));
    rig.marketo.state.clearCounters();

    const records = await readAll(
      rig.connect({ firstPollMs: 200 }),
      requestFor(lead, ['firstName'], { changedSince: new Date(Date.now() + 60_000).toISOString() }),
    );

    expect(records).toEqual([]);
    expect(rig.calls(/^(GET|POST) \/(rest|bulk)/)).toBeLessThanOrEqual(3);
  });
});
