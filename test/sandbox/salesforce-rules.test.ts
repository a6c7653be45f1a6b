import { startTestOrg, type TestOrg } from './salesforce-org';

const NOON = Date.parse('2026-03-10T12:00:00Z');
const DAY_MS = 86_400_000;

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg({ startAt: NOON });
  org.sandbox.salesforce.vendor.org.changeSettings({ sessionTimeoutMs: 100 * DAY_MS });
  org.sandbox.salesforce.vendor.org.declareField('Contact', { name: 'Ext__c', type: 'string', externalId: true });
});
afterAll(() => org.sandbox.stop());
afterEach(() => {
  org.sandbox.salesforce.vendor.rules.clear();
  expect(org.sandbox.defects).toEqual([]);
});

type Sent = Record<string, unknown>;
const rules = () => org.sandbox.salesforce.vendor.rules;
const lead = (more: Sent = {}): Sent => ({ LastName: 'Lee', Company: 'Lions', ...more });
const make = (object: string, fields: Sent, headers: Record<string, string> = {}) =>
  org.call('POST', `/sobjects/${object}`, fields, headers);
/** The codes and the fields of a refusal; the status of what was not refused. */
const outcome = async (call: ReturnType<TestOrg['call']>): Promise<unknown> => {
  const { status, body } = await call;
  return status < 300 ? status : body.map(({ errorCode, message, fields }: Sent) => [errorCode, message, fields]);
};

describe('a validation rule', () => {
  const needsPhone = {
    object: 'Contact',
    name: 'Phone',
    when: "Title = 'Chief' AND Phone = null",
    message: 'Chiefs have phones.',
  };
  const refused = [['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Chiefs have phones.', []]];

  test('refuses what it is true for, by any way to write', async () => {
    rules().addValidationRule(needsPhone);
    const fine = await org.create('Contact', { LastName: 'Lee', Title: 'Chief', Phone: '1', Ext__c: 'v' });

    expect(await outcome(make('Contact', { LastName: 'Lee', Title: 'chief' }))).toEqual(refused);
    expect(await outcome(org.call('PATCH', `/sobjects/Contact/${fine}`, { Phone: null }))).toEqual(refused);
    expect(await outcome(org.call('PATCH', '/sobjects/Contact/Ext__c/v', { Phone: '' }))).toEqual(refused);
    const collection = await org.call('POST', '/composite/sobjects', {
      records: [{ attributes: { type: 'Contact' }, LastName: 'Lee', Title: 'Chief' }],
    });
    expect(collection.body).toEqual([
      {
        success: false,
        errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Chiefs have phones.', fields: [] }],
      },
    ]);
    // what was refused has not been written
    expect(await org.query("SELECT Phone FROM Contact WHERE Title = 'Chief'")).toMatchObject([{ Phone: '1' }]);
  });

  test('may stand at a field, and several refuse at once', async () => {
    rules().addValidationRule({ ...needsPhone, field: 'Phone' });
    rules().addValidationRule({ ...needsPhone, name: 'Mail', when: 'Email = null', message: 'No address.' });

    expect(await outcome(make('Contact', { LastName: 'Lee', Title: 'Chief' }))).toEqual([
      ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Chiefs have phones.', ['Phone']],
      ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'No address.', []],
    ]);
  });

  test('looks at parents, and at what the user of the API does not see', async () => {
    const account = await org.create('Account', { Name: 'Closed Ltd', Industry: 'Other' });
    rules().addValidationRule({ ...needsPhone, when: "Account.Industry = 'Other'" });
    const asked = () => outcome(make('Contact', { LastName: 'Lee', AccountId: account }));
    org.sandbox.salesforce.vendor.org.changeField('Account', 'Industry', { hidden: true });

    expect(await asked()).toEqual(refused);
    org.sandbox.salesforce.vendor.org.changeField('Account', 'Industry', { hidden: false });
    expect(await asked()).toEqual(refused);
  });

  test('knows what day it is', async () => {
    rules().addValidationRule({ object: 'Opportunity', name: 'Past', when: 'CloseDate < TODAY', message: 'Too late.' });
    const deal = { Name: 'Deal', StageName: 'Prospecting', CloseDate: '2026-03-10' };

    const today = await outcome(make('Opportunity', deal));
    org.sandbox.clock.advance(DAY_MS);

    expect(today).toBe(201);
    expect(await outcome(make('Opportunity', deal))).toEqual([['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Too late.', []]]);
  });
});

describe('a duplicate rule', () => {
  const twins = {
    object: 'Lead',
    name: 'Twins',
    matchFields: ['Email'],
    message: 'Use one of these records?',
  };
  const refused = [['DUPLICATES_DETECTED', 'Use one of these records?', []]];
  const allow = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true; includeRecordDetails=true' };

  test('that alerts can be passed by a header, one that blocks cannot', async () => {
    await org.create('Lead', lead({ Email: 'twin@lions.test' }));
    const again = (headers = {}) => outcome(make('Lead', lead({ Email: 'Twin@lions.test' }), headers));

    rules().addDuplicateRule({ ...twins, action: 'alert' });
    const alerted = [
      await again(),
      await again({ 'Sforce-Duplicate-Rule-Header': 'allowSave=false' }),
      await again(allow),
    ];
    rules().addDuplicateRule({ ...twins, action: 'block' });
    const blocked = [await again(), await again(allow)];

    expect(alerted).toEqual([refused, refused, 201]);
    expect(blocked).toEqual([refused, refused]);
  });

  test('tells in plain REST which records match, under the misspelt key', async () => {
    const first = await org.create('Lead', lead({ Email: 'told@lions.test' }));
    rules().addDuplicateRule({ ...twins, action: 'alert' });

    const { body } = await make('Lead', lead({ Email: 'told@lions.test' }));

    expect(body[0].duplicateResut).toMatchObject({
      allowSave: true,
      duplicateRule: 'Twins',
      duplicateRuleEntityType: 'Lead',
      errorMessage: 'Use one of these records?',
      matchResults: [
        { entityType: 'Lead', size: 1, success: true, matchRecords: [{ matchConfidence: 100, record: { Id: first } }] },
      ],
    });
  });

  test('asks of changes only where it is set so, and never of the record itself', async () => {
    await org.create('Lead', lead({ Email: 'one@lions.test' }));
    const id = await org.create('Lead', lead({ Email: 'two@lions.test' }));
    const change = (Email: string) => outcome(org.call('PATCH', `/sobjects/Lead/${id}`, { Email }));

    rules().addDuplicateRule({ ...twins, action: 'block' });
    const free = [await change('one@lions.test'), await change('two@lions.test')];
    rules().addDuplicateRule({ ...twins, action: 'block', onUpdate: true });

    expect(free).toEqual([204, 204]);
    expect([await change('two@lions.test'), await change('one@lions.test')]).toEqual([204, refused]);
  });

  test('compares all of its fields, and nothing that is blank', async () => {
    rules().addDuplicateRule({ ...twins, matchFields: ['Email', 'Phone'], action: 'block' });
    const both = { Email: 'both@lions.test', Phone: '1' };
    await org.create('Lead', lead(both));

    expect(await outcome(make('Lead', lead({ ...both, Phone: '2' })))).toBe(201);
    expect(await outcome(make('Lead', lead({ ...both, Phone: null })))).toBe(201);
    expect(await outcome(make('Lead', lead(both)))).toEqual(refused);
  });

  test('sees what stood before it in the same collection, and takes an upsert that matches nothing for an insert', async () => {
    rules().addDuplicateRule({ ...twins, action: 'block' });
    const record = { attributes: { type: 'Lead' }, ...lead({ Email: 'same@lions.test' }) };

    const { body } = await org.call('POST', '/composite/sobjects', { records: [record, record] });

    expect(body).toMatchObject([
      { success: true },
      { success: false, errors: [{ statusCode: 'DUPLICATES_DETECTED' }] },
    ]);
    rules().addDuplicateRule({ ...twins, action: 'block', matchFields: ['Phone'] });
    await org.create('Lead', lead({ Phone: '77' }));
    expect(await outcome(org.call('PATCH', '/sobjects/Lead/Email/none@lions.test', lead({ Phone: '77' })))).toEqual(
      refused,
    );
  });
});

describe('an assignment rule', () => {
  const ownerOf = async (headers: Record<string, string>, more: Sent = {}): Promise<unknown> => {
    const { body } = await make('Lead', lead(more), headers);
    const found = await org.call('GET', `/sobjects/Lead/${body.id}?fields=Owner.Name`);
    return found.body.Owner.Name;
  };

  test('gives new leads to its owner unless the client says FALSE', async () => {
    const [queue] = await org.query("SELECT Id FROM Group WHERE Type = 'Queue'");
    const [user] = await org.query('SELECT Id FROM User WHERE IsActive = true');
    rules().addAssignmentRule({ object: 'Lead', name: 'To the queue', ownerId: String(queue?.Id) });

    expect(await ownerOf({})).toBe('New leads');
    expect(await ownerOf({ 'Sforce-Auto-Assign': 'TRUE' })).toBe('New leads');
    expect(await ownerOf({ 'Sforce-Auto-Assign': '01Q5g0000000001EAA' })).toBe('New leads');
    expect(await ownerOf({ 'Sforce-Auto-Assign': 'false' })).toBe('Sandbox User');
    // the rule beats whom the client has named
    expect(await ownerOf({}, { OwnerId: user?.Id })).toBe('New leads');
    expect(await ownerOf({ 'Sforce-Auto-Assign': 'FALSE' }, { OwnerId: user?.Id })).toBe('Sandbox User');
  });

  test('leaves changes and other objects alone', async () => {
    const id = await org.create('Lead', lead());
    const [queue] = await org.query("SELECT Id FROM Group WHERE Type = 'Queue'");
    rules().addAssignmentRule({ object: 'Lead', name: 'To the queue', ownerId: String(queue?.Id) });

    await org.call('PATCH', `/sobjects/Lead/${id}`, { Title: 'T' });
    const contact = await org.create('Contact', { LastName: 'Lee' });

    expect(await org.query(`SELECT Owner.Name FROM Lead WHERE Id = '${id}'`)).toMatchObject([
      { Owner: { Name: 'Sandbox User' } },
    ]);
    expect(await org.query(`SELECT Owner.Name FROM Contact WHERE Id = '${contact}'`)).toMatchObject([
      { Owner: { Name: 'Sandbox User' } },
    ]);
  });
});

describe('a row lock', () => {
  const locked = (id: string) => [
    ['UNABLE_TO_LOCK_ROW', `unable to obtain exclusive access to this record or 1 records: ${id}`, []],
  ];
  const change = (id: string) => outcome(org.call('PATCH', `/sobjects/Contact/${id}`, { Title: 'T' }));

  test('refuses changes and deletes of a record so many times', async () => {
    const id = await org.create('Contact', { LastName: 'Lee' });
    rules().addLock({ ids: [id], times: 2 });

    const answers = [await change(id), await outcome(org.call('DELETE', `/sobjects/Contact/${id}`)), await change(id)];

    expect(answers).toEqual([locked(id), locked(id), 204]);
  });

  test('lasts until its time, or until it is removed', async () => {
    const id = await org.create('Contact', { LastName: 'Lee' });
    rules().addLock({ ids: [id.slice(0, 15)], untilAt: new Date(org.sandbox.clock.now() + DAY_MS).toISOString() });

    const before = await change(id);
    org.sandbox.clock.advance(DAY_MS + 1_000);
    const after = await change(id);
    rules().addLock({ ids: [id] });
    const again = await change(id);
    rules().clearLocks();

    expect([before, after, again, await change(id)]).toEqual([locked(id), 204, locked(id), 204]);
  });

  test('holds all children of a parent, and no others', async () => {
    const [held, free] = [await org.create('Account', { Name: 'Held' }), await org.create('Account', { Name: 'Free' })];
    const [a, b] = [
      await org.create('Contact', { LastName: 'A', AccountId: held }),
      await org.create('Contact', { LastName: 'B', AccountId: free }),
    ];
    rules().addLock({ where: { object: 'Contact', field: 'AccountId', values: [held] } });

    const { body } = await org.call('PATCH', '/composite/sobjects', {
      records: [a, b].map((id) => ({ attributes: { type: 'Contact' }, id, Title: 'T' })),
    });

    expect(body).toEqual([
      expect.objectContaining({
        success: false,
        errors: [
          {
            statusCode: 'UNABLE_TO_LOCK_ROW',
            message: `unable to obtain exclusive access to this record or 1 records: ${a}`,
            fields: [],
          },
        ],
      }),
      { id: b, success: true, errors: [] },
    ]);
  });
});
