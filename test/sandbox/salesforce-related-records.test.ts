import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
let acme: string;
beforeAll(async () => {
  org = await startTestOrg();
  const { vendor } = org.sandbox.salesforce;
  vendor.org.declareField('Account', { name: 'Ext__c', type: 'string', length: 20, externalId: true, unique: true });
  vendor.org.declareField('Account', { name: 'Shared__c', type: 'string', length: 20, externalId: true });
  acme = await org.create('Account', { Name: 'Acme', Ext__c: 'A-7', Shared__c: 's' });
  await org.create('Account', { Name: 'Twin', Shared__c: 's' });
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const contact = (more: Record<string, unknown> = {}) => ({ LastName: 'Lee', ...more });
const lead = (more: Record<string, unknown> = {}) => ({ LastName: 'Lee', Company: 'Lions', ...more });
const refusal = async (object: string, fields: Record<string, unknown>) => {
  const { status, body } = await org.call('POST', `/sobjects/${object}`, fields);
  expect([status, body?.length]).toEqual([400, 1]);
  return body[0];
};
const one = async (soql: string): Promise<Record<string, unknown>> => (await org.query(soql))[0] ?? {};
const idOf = async (soql: string): Promise<string> => String((await one(soql)).Id);

describe('a lookup', () => {
  test('takes Ids of 15 and of 18 characters, and gives 18', async () => {
    for (const AccountId of [acme, acme.slice(0, 15)]) {
      const id = await org.create('Contact', contact({ AccountId }));

      expect((await org.call('GET', `/sobjects/Contact/${id}`)).body.AccountId).toBe(acme);
    }
  });

  test.each([
    ['by an external Id', { Account: { Ext__c: 'a-7' } }],
    ['by the Id', () => ({ Account: { Id: acme } })],
    ['with its type', { Account: { attributes: { type: 'Account' }, Ext__c: 'A-7' } }],
  ])('finds the parent %s', async (_rule, given) => {
    const id = await org.create('Contact', contact(typeof given === 'function' ? given() : given));

    expect((await org.call('GET', `/sobjects/Contact/${id}`)).body.AccountId).toBe(acme);
  });

  test('is cleared by null under either name', async () => {
    for (const cleared of [{ AccountId: null }, { Account: null }]) {
      const id = await org.create('Contact', contact({ AccountId: acme }));

      expect((await org.call('PATCH', `/sobjects/Contact/${id}`, cleared)).status).toBe(204);
      expect((await org.call('GET', `/sobjects/Contact/${id}`)).body.AccountId).toBeNull();
    }
  });

  test('to an owner says of which object it is', async () => {
    const Owner = { attributes: { type: 'User' }, Username: 'sandbox@example.com' };
    const id = await org.create('Lead', lead({ Owner }));

    expect(await one(`SELECT Owner.Type FROM Lead WHERE Id = '${id}'`)).toMatchObject({ Owner: { Type: 'User' } });
  });

  test.each([
    [
      { Account: { Ext__c: 'A-8' } },
      'INVALID_FIELD',
      'Foreign key external ID: A-8 not found for field Ext__c in entity Account',
    ],
    [
      { Account: { Shared__c: 's' } },
      'DUPLICATE_EXTERNAL_ID',
      /^Shared__c: more than one record found for external id field: \[001\w{15}, 001\w{15}\]$/,
    ],
    [{ Account: { Industry: 'x' } }, 'INVALID_FIELD', /Industry does not match an External ID/],
    [{ Account: 'A-7' }, 'INVALID_FIELD', "No such column 'Account' on sobject of type Contact"],
    [{ AccountId: 'nonsense' }, 'MALFORMED_ID', 'Account ID: id value of incorrect type: nonsense'],
    [{ AccountId: '00Q5g0000000001' }, 'MALFORMED_ID', 'Account ID: id value of incorrect type: 00Q5g0000000001'],
    [{ AccountId: '0015g00000zzzzz' }, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'],
    // of another org
    [{ AccountId: '001ABC000000001' }, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'],
    [
      { OwnerId: '00Q5g0000000001' },
      'FIELD_INTEGRITY_EXCEPTION',
      'Owner ID: id value of incorrect type: 00Q5g0000000001',
    ],
  ])('%j is refused with %s', async (fields, errorCode, message) => {
    const error = await refusal('Contact', contact(fields));

    expect(error.errorCode).toBe(errorCode);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  test('to what is in the recycle bin is refused', async () => {
    const gone = await org.create('Account', { Name: 'Gone' });
    await org.call('DELETE', `/sobjects/Account/${gone}`);

    expect(await org.call('POST', '/sobjects/Contact', contact({ AccountId: gone }))).toMatchObject({
      status: 404,
      body: [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }],
    });
  });
});

describe('an owner', () => {
  test('is the user of the API, who may name another, or for leads a queue', async () => {
    const queue = await idOf("SELECT Id FROM Group WHERE Type = 'Queue'");
    const [own, queued] = [await org.create('Lead', lead()), await org.create('Lead', lead({ OwnerId: queue }))];

    expect(await one(`SELECT Owner.Type, Owner.Name FROM Lead WHERE Id = '${own}'`)).toMatchObject({
      Owner: { Type: 'User', Name: 'Sandbox User' },
    });
    expect(await one(`SELECT OwnerId, Owner.Type FROM Lead WHERE Id = '${queued}'`)).toMatchObject({
      OwnerId: queue,
      Owner: { Type: 'Group' },
    });
    expect(await refusal('Contact', contact({ OwnerId: queue }))).toMatchObject({
      errorCode: 'FIELD_INTEGRITY_EXCEPTION',
      fields: ['OwnerId'],
    });
  });

  test('who has left owns nothing new', async () => {
    const former = await idOf('SELECT Id FROM User WHERE IsActive = false');

    for (const object of ['Contact', 'Lead'])
      expect(await refusal(object, { ...(object === 'Lead' ? lead() : contact()), OwnerId: former })).toEqual({
        errorCode: 'INACTIVE_OWNER_OR_USER',
        message: `operation performed with inactive user [${former}] as owner of ${object.toLowerCase()}`,
        fields: [],
      });
  });
});

describe('a converted lead', () => {
  test('stays, can be found, and refuses every change', async () => {
    const id = await org.create('Lead', lead({ Email: 'conv@lions.test' }));
    const { body } = await org.control('POST', `/leads/${id}/convert`, {});

    const changed = await org.call('PATCH', `/sobjects/Lead/${id}`, { Title: 'T' });
    const upserted = await org.call('PATCH', '/sobjects/Lead/Email/conv@lions.test', { Title: 'T' });

    for (const answer of [changed, upserted])
      expect([answer.status, answer.body]).toEqual([
        400,
        [{ errorCode: 'CANNOT_UPDATE_CONVERTED_LEAD', message: 'cannot reference converted lead', fields: [] }],
      ]);
    expect(await one(`SELECT IsConverted, ConvertedContactId, Status FROM Lead WHERE Id = '${id}'`)).toMatchObject({
      IsConverted: true,
      ConvertedContactId: body.contactId,
      Status: 'Closed - Converted',
    });
    expect((await org.call('DELETE', `/sobjects/Lead/${id}`)).status).toBe(204);
  });
});

describe('a deleted parent', () => {
  test('takes its children with it or leaves them, and the bin shows them', async () => {
    const parent = await org.create('Account', { Name: 'Parent' });
    const child = await org.create('Account', { Name: 'Child', ParentId: parent });
    const person = await org.create('Contact', contact({ AccountId: parent }));

    await org.call('DELETE', `/sobjects/Account/${parent}`);
    const all = async (soql: string) => (await org.call('GET', `/queryAll?q=${encodeURIComponent(soql)}`)).body.records;

    expect(await org.query(`SELECT Id FROM Contact WHERE Id = '${person}'`)).toEqual([]);
    expect(await all(`SELECT IsDeleted FROM Contact WHERE Id = '${person}'`)).toMatchObject([{ IsDeleted: true }]);
    expect(await org.query(`SELECT ParentId FROM Account WHERE Id = '${child}'`)).toMatchObject([{ ParentId: null }]);
  });

  test('comes back when the bin gives it back', async () => {
    const id = await org.create('Account', { Name: 'Back' });
    await org.call('DELETE', `/sobjects/Account/${id}`);

    await org.control('POST', `/records/${id}/undelete`);

    expect((await org.call('GET', `/sobjects/Account/${id}`)).body).toMatchObject({ Name: 'Back', IsDeleted: false });
  });
});

describe('a campaign member', () => {
  test('is a person, who is in a campaign once, and whose fields it mirrors', async () => {
    const CampaignId = await org.create('Campaign', { Name: 'Fair' });
    const LeadId = await org.create('Lead', lead({ FirstName: 'Ann', Email: 'ann@lions.test' }));
    const ContactId = await org.create('Contact', contact({ AccountId: acme }));
    const member = await org.create('CampaignMember', { CampaignId, LeadId });
    await org.create('CampaignMember', { CampaignId, ContactId, Status: 'Responded' });

    expect(
      await org.query(
        'SELECT Status, HasResponded, Name, Email, CompanyOrAccount, LeadOrContactId FROM CampaignMember ORDER BY Id',
      ),
    ).toMatchObject([
      {
        Status: 'Sent',
        HasResponded: false,
        Name: 'Ann Lee',
        Email: 'ann@lions.test',
        CompanyOrAccount: 'Lions',
        LeadOrContactId: LeadId,
      },
      { Status: 'Responded', HasResponded: true, CompanyOrAccount: 'Acme', LeadOrContactId: ContactId },
    ]);
    expect(await refusal('CampaignMember', { CampaignId, LeadId })).toEqual({
      errorCode: 'DUPLICATE_VALUE',
      message: 'Already a campaign member.',
      fields: [],
    });
    expect((await refusal('CampaignMember', { LeadId })).errorCode).toBe('REQUIRED_FIELD_MISSING');
    expect((await refusal('CampaignMember', { CampaignId })).errorCode).toBe('REQUIRED_FIELD_MISSING');
    expect((await refusal('CampaignMember', { CampaignId, LeadId, ContactId })).errorCode).toBe(
      'FIELD_INTEGRITY_EXCEPTION',
    );
    expect((await org.call('PATCH', `/sobjects/CampaignMember/${member}`, { CampaignId })).body).toMatchObject([
      { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['CampaignId'] },
    ]);
    expect((await org.call('PATCH', `/sobjects/CampaignMember/${member}`, { Status: 'Responded' })).status).toBe(204);
  });
});

describe('an opportunity', () => {
  test('follows its stage', async () => {
    const deal = { Name: 'Deal', StageName: 'Value Proposition', CloseDate: '2026-05-31', Amount: 1_000 };
    const id = await org.create('Opportunity', deal);
    const shown = async () => (await org.call('GET', `/sobjects/Opportunity/${id}`)).body;

    expect(await shown()).toMatchObject({ Probability: 50, ExpectedRevenue: 500, IsClosed: false, FiscalQuarter: 2 });
    await org.call('PATCH', `/sobjects/Opportunity/${id}`, { StageName: 'Closed Won' });
    expect(await shown()).toMatchObject({ Probability: 100, IsClosed: true, IsWon: true, ForecastCategory: 'Closed' });
  });
});

describe('the write log', () => {
  test('has each change that was answered with success, and no other', async () => {
    const seen = org.sandbox.salesforce.writeLog().length;
    const id = await org.create('Contact', contact());
    await refusal('Contact', { FirstName: 'nameless' });
    await org.call('PATCH', `/sobjects/Contact/${id}`, { Title: 'T' });
    await org.call('DELETE', `/sobjects/Contact/${id}`);

    expect(org.sandbox.salesforce.writeLog().slice(seen)).toMatchObject([
      { operation: 'create', recordId: id, object: 'Contact', before: null, after: { LastName: 'Lee' } },
      { operation: 'update', recordId: id, before: { Title: null }, after: { Title: 'T' } },
      { operation: 'delete', recordId: id, by: 'sandbox@example.com', via: 'DELETE /sobjects/Contact' },
    ]);
  });
});
