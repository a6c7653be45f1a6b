import { type MarketoFixture, startMarketo } from './marketo-host';

describe('switches between behaviours that nobody documents', () => {
  let marketo: MarketoFixture;
  beforeEach(async () => {
    marketo = await startMarketo();
  });
  afterEach(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });
  const turn = (settings: Record<string, unknown>) => marketo.vendor.stores.settings.change(settings);
  const sync = async (input: unknown[]) => (await marketo.post('/rest/v1/leads.json', { input })).result ?? [];
  const read = async (email: string, fields: string) =>
    (await marketo.get('/rest/v1/leads.json', { filterType: 'email', filterValues: email, fields })).result ?? [];

  test('when too long text is cut, the record goes through with its beginning', async () => {
    turn({ tooLongText: 'truncate' });

    await sync([{ email: 'long@example.org', firstName: '😀'.repeat(300), mktoPersonNotes: '£'.repeat(20_000) }]);

    const [lead] = await read('long@example.org', 'firstName,mktoPersonNotes');
    expect([...lead.firstName]).toHaveLength(255);
    expect(Buffer.byteLength(lead.mktoPersonNotes)).toBe(30_000);
  });

  test('when text is not trimmed, it keeps its blanks; e-mail addresses lose theirs anyway', async () => {
    turn({ trimText: false });

    await sync([{ email: 'blank@example.org', firstName: '  Ada\n' }]);

    expect((await read('blank@example.org', 'firstName'))[0].firstName).toBe('  Ada\n');
  });

  test('when nulls are left out, a field without value is not in the answer', async () => {
    turn({ omitNulls: true });
    await sync([{ email: 'null@example.org' }]);

    const [lead] = await read('null@example.org', 'firstName,unsubscribed,email');

    expect(lead).toEqual({ id: expect.any(Number), unsubscribed: false, email: 'null@example.org' });
  });

  test('when one key twice in a call makes two leads, the next upsert is 1007', async () => {
    turn({ sameKeyTwice: 'createTwo' });

    const [first, second] = await sync([{ email: 'two@example.org' }, { email: 'two@example.org' }]);

    expect([first.status, second.status]).toEqual(['created', 'created']);
    expect((await sync([{ email: 'two@example.org' }]))[0].reasons).toEqual([
      { code: '1007', message: 'Multiple lead match lookup criteria' },
    ]);
  });

  test('when two calls with one new key run at the same time, both create it', async () => {
    const race = async (syncRaceMs: number): Promise<string[]> => {
      turn({ syncRaceMs });
      const input = [{ email: `race${syncRaceMs}@example.org` }];
      const results = await Promise.all([sync(input), sync(input)]);
      return results.map(([result]) => result.status).sort();
    };

    // on a busy machine one call may come when the other has been answered
    let raceMs = 60;
    let statuses = await race(raceMs);
    while (statuses.includes('updated')) {
      raceMs *= 2;
      statuses = await race(raceMs);
    }

    expect(statuses).toEqual(['created', 'created']);
  });

  test('when new records are seen late, look-up finds them and queries do not', async () => {
    turn({ visibilityDelayMs: 30_000 });
    await sync([{ email: 'late@example.org' }]);

    expect(await read('late@example.org', 'email')).toEqual([]);
    expect((await sync([{ email: 'late@example.org' }]))[0].status).toBe('updated');
    marketo.clock.advance(31_000);
    expect(await read('late@example.org', 'email')).toHaveLength(1);
  });

  test('when moreResult is false beside a token, the token leads on all the same', async () => {
    turn({ moreResultFalse: true });
    marketo.vendor.stores.insertRecords('leads', [{ crmKey: 'm' }, { crmKey: 'm' }]);
    const query = { filterType: 'crmKey', filterValues: 'm', batchSize: '1' };

    const first = await marketo.get('/rest/v1/leads.json', query);
    const second = await marketo.get('/rest/v1/leads.json', { ...query, nextPageToken: first.nextPageToken ?? '' });

    expect([first.moreResult, first.result?.length, second.result?.length]).toEqual([false, 1, 1]);
    expect(second.nextPageToken).toBeUndefined();
  });

  test('when a field is hidden or turns read-only between two calls, describe and sync follow', async () => {
    const { fields } = marketo.vendor.stores;
    fields.change('title', { readOnly: true });
    fields.change('crmKey', { isHidden: true });

    const [readOnly] = await sync([{ email: 'ro@example.org', title: 'T' }]);
    const [hidden] = await sync([{ email: 'hidden@example.org', crmKey: 'K' }]);

    expect(readOnly.status).toBe('created');
    expect((await read('ro@example.org', 'title'))[0].title).toBeNull();
    expect(hidden.reasons[0].code).toBe('1006');
    const { result = [] } = await marketo.get('/rest/v1/leads/describe.json');
    expect(result.find(({ rest }) => rest.name === 'title').rest.readOnly).toBe(true);
    expect(result.some(({ rest }) => rest.name === 'crmKey')).toBe(false);
  });

  test('when settings are changed, they outlive a restart; an unknown one is refused', async () => {
    turn({ callsPerDay: 17, timeZone: 'Europe/Vienna' });

    await marketo.restart();

    expect(marketo.vendor.stores.settings.current()).toMatchObject({ callsPerDay: 17, timeZone: 'Europe/Vienna' });
    expect(() => turn({ nosuch: 1 })).toThrow();
    expect(() => turn({ timeZone: 'Mars/Olympus' })).toThrow();
    expect(() => turn({ callsPerDay: -1 })).toThrow();
  });
});
