import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
beforeEach(async () => {
  org = await startTestOrg();
});
afterEach(async () => {
  expect(org.sandbox.defects).toEqual([]);
  await org.sandbox.stop();
});

const refusal = (status: number) => expect.objectContaining({ status, body: { message: expect.any(String) } });
/** The API's error code, or the status where the call succeeded. */
const outcome = async (call: ReturnType<TestOrg['call']>): Promise<unknown> => {
  const { status, body } = await call;
  return status < 300 ? status : body[0].errorCode;
};
const describeField = async (object: string, name: string): Promise<Record<string, unknown> | undefined> => {
  const { body } = await org.call('GET', `/sobjects/${object}/describe`);
  return body.fields.find((field: { name: string }) => field.name === name);
};

describe('settings', () => {
  test('are shown and changed, and take effect at once', async () => {
    const before = await org.control('GET', '/settings');
    const changed = await org.control('PATCH', '/settings', { apiEnabled: false });

    expect(before.body).toMatchObject({ clientId: 'sandbox', apiEnabled: true, sessionTimeoutMs: 7_200_000 });
    expect(changed.body).toMatchObject({ apiEnabled: false, clientId: 'sandbox' });
    expect(await outcome(org.call('GET', '/limits'))).toBe('API_DISABLED_FOR_ORG');
  });

  test.each([[{ sessionTimeoutMs: 'long' }], [{ unheardOf: 1 }]])('%j is refused', async (change) => {
    expect((await org.control('PATCH', '/settings', change)).status).toBe(400);
  });
});

describe('objects and fields', () => {
  const visit = {
    name: 'Visit__c',
    label: 'Visit',
    fields: [
      { name: 'Ext__c', type: 'string', length: 40, externalId: true, unique: true },
      { name: 'Account__c', type: 'reference', referenceTo: ['Account'] },
      { name: 'Earlier__c', type: 'reference', referenceTo: ['Visit__c'] },
    ],
  };

  test('a custom object is declared, and can be written and read', async () => {
    const declared = await org.control('POST', '/objects', visit);
    const account = await org.create('Account', { Name: 'Visited' });

    const upserted = await org.call('PATCH', '/sobjects/Visit__c/Ext__c/V-1', { Account__c: account });

    expect([declared.status, declared.body]).toEqual([
      201,
      expect.objectContaining({ name: 'Visit__c', keyPrefix: 'a00' }),
    ]);
    expect(upserted.status).toBe(201);
    expect(await org.query('SELECT Account__r.Name FROM Visit__c')).toEqual([
      expect.objectContaining({ Account__r: expect.objectContaining({ Name: 'Visited' }) }),
    ]);
    expect((await org.control('GET', '/objects')).body.objects).toContainEqual(
      expect.objectContaining({ name: 'Visit__c', custom: true, records: 1 }),
    );
  });

  test('a field is added to a standard object', async () => {
    const { status, body } = await org.control('POST', '/objects/lead/fields', {
      name: 'Score__c',
      type: 'double',
      precision: 5,
      scale: 1,
    });

    const id = await org.create('Lead', { LastName: 'L', Company: 'C', Score__c: 12.34 });
    expect([status, body]).toEqual([201, expect.objectContaining({ name: 'Score__c', nillable: true })]);
    expect(await org.query(`SELECT Score__c FROM Lead WHERE Id = '${id}'`)).toEqual([
      expect.objectContaining({ Score__c: 12.3 }),
    ]);
  });

  test('a field is made required, read-only, shorter, a list, or hidden', async () => {
    const lead = (more: Record<string, unknown>) =>
      outcome(org.call('POST', '/sobjects/Lead', { LastName: 'L', Company: 'C', ...more }));
    const change = (field: string, changes: Record<string, unknown>) =>
      org.control('PATCH', `/objects/Lead/fields/${field}`, changes);

    const changed = await change('title', { length: 3, label: 'Job' });
    await change('Phone', { updateable: false, createable: false });
    await change('Rating', { restricted: true, picklist: ['High', { value: 'Low', active: false }] });
    await change('HasOptedOutOfEmail', { hidden: true });

    expect(changed.body).toMatchObject({ name: 'Title', length: 3, label: 'Job' });
    expect(await lead({ Title: 'CEO' })).toBe(201);
    expect(await lead({ Title: 'Chief' })).toBe('STRING_TOO_LONG');
    expect(await lead({ Phone: '1' })).toBe('INVALID_FIELD_FOR_INSERT_UPDATE');
    expect(await lead({ Rating: 'Hot' })).toBe('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST');
    expect(await lead({ Rating: 'High' })).toBe(201);
    expect(await lead({ HasOptedOutOfEmail: true })).toBe('INVALID_FIELD');
    expect(await describeField('Lead', 'HasOptedOutOfEmail')).toBeUndefined();
    await change('Industry', { required: true });
    expect(await lead({})).toBe('REQUIRED_FIELD_MISSING');
    await change('Industry', { defaultValue: 'Banking' });
    expect(await lead({})).toBe(201);
  });

  test('record types make the field RecordTypeId visible', async () => {
    const before = await describeField('Contact', 'RecordTypeId');
    const { status, body } = await org.control('POST', '/objects/Contact/record-types', { name: 'Key contact' });

    const id = await org.create('Contact', { LastName: 'L', RecordTypeId: body.id });
    expect([status, body]).toEqual([
      201,
      { id: expect.stringMatching(/^012/), name: 'Key contact', developerName: 'Key_contact' },
    ]);
    expect(before).toBeUndefined();
    expect(await describeField('Contact', 'RecordTypeId')).toBeDefined();
    expect(await org.query(`SELECT RecordType.DeveloperName FROM Contact WHERE Id = '${id}'`)).toEqual([
      expect.objectContaining({ RecordType: expect.objectContaining({ DeveloperName: 'Key_contact' }) }),
    ]);
  });

  test('what cannot be is refused in words', async () => {
    const toNowhere = { name: 'N__c', type: 'reference', referenceTo: ['Nowhere'] };

    expect(await org.control('GET', '/objects/Nothing')).toEqual(refusal(404));
    expect(await org.control('POST', '/objects/Nothing/fields', { name: 'F__c', type: 'string' })).toEqual(
      refusal(404),
    );
    expect(await org.control('PATCH', '/objects/Lead/fields/Nothing', {})).toEqual(refusal(404));
    expect(await org.control('POST', '/objects/Lead/fields', toNowhere)).toEqual(refusal(409));
    expect((await org.control('POST', '/objects', { name: 'NoSuffix' })).status).toBe(400);
    expect((await org.control('PATCH', '/objects/Lead/fields/Title', { length: 0 })).status).toBe(400);
    expect((await org.control('POST', '/objects/Lead/fields', { name: 'F__c', type: 'odd' })).status).toBe(400);
  });
});

describe('rules and locks', () => {
  test('a validation rule refuses records until it is removed', async () => {
    const rule = {
      object: 'Contact',
      name: 'No bots',
      when: "LastName LIKE '%bot'",
      message: 'No bots',
      field: 'LastName',
    };
    const made = await org.control('POST', '/rules/validation', rule);

    const refused = await org.call('POST', '/sobjects/Contact', { LastName: 'Talkbot' });
    const listed = await org.control('GET', '/rules');
    await org.control('DELETE', '/rules');

    expect(made.status).toBe(201);
    expect(refused.body).toEqual([
      { message: 'No bots', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['LastName'] },
    ]);
    expect(listed.body.validationRules).toEqual([rule]);
    expect(await outcome(org.call('POST', '/sobjects/Contact', { LastName: 'Talkbot' }))).toBe(201);
  });

  test('an alert can be overridden, a block cannot', async () => {
    const rule = (action: string) => ({ object: 'Contact', name: 'Same e-mail', action, matchFields: ['Email'] });
    const save = (allowSave: boolean) =>
      outcome(
        org.call(
          'POST',
          '/sobjects/Contact',
          { LastName: 'L', Email: 'one@example.org' },
          {
            'Sforce-Duplicate-Rule-Header': `allowSave=${allowSave}`,
          },
        ),
      );
    await org.create('Contact', { LastName: 'L', Email: 'ONE@example.org' });

    await org.control('POST', '/rules/duplicate', rule('alert'));
    const alerts = [await save(false), await save(true)];
    await org.control('POST', '/rules/duplicate', rule('block'));
    const blocks = [await save(false), await save(true)];

    expect(alerts).toEqual(['DUPLICATES_DETECTED', 201]);
    expect(blocks).toEqual(['DUPLICATES_DETECTED', 'DUPLICATES_DETECTED']);
  });

  test('an assignment rule gives new leads to a queue, unless the client says no', async () => {
    const [queue] = await org.query("SELECT Id FROM Group WHERE Type = 'Queue'");
    await org.control('POST', '/rules/assignment', { object: 'Lead', name: 'To the queue', ownerId: queue?.Id });

    await org.call('POST', '/sobjects/Lead', { LastName: 'Assigned', Company: 'C' });
    await org.call('POST', '/sobjects/Lead', { LastName: 'Kept', Company: 'C' }, { 'Sforce-Auto-Assign': 'FALSE' });

    const owners = await org.query('SELECT LastName, OwnerId FROM Lead ORDER BY LastName');
    expect(owners.map(({ OwnerId }) => OwnerId)).toEqual([queue?.Id, org.sandbox.salesforce.vendor.setup.userId]);
  });

  test('a lock refuses so many times, then lets go; all locks can be removed', async () => {
    const id = await org.create('Account', { Name: 'Busy' });
    const write = () => outcome(org.call('PATCH', `/sobjects/Account/${id}`, { Site: 'S' }));

    const made = await org.control('POST', '/locks', { ids: [id], times: 2 });
    const outcomes = [await write(), await write(), await write()];
    await org.control('POST', '/locks', { where: { object: 'Account', field: 'Name', values: ['busy'] } });
    const held = await write();
    await org.control('DELETE', '/locks');

    expect([made.status, made.body]).toEqual([201, { id: 1 }]);
    expect(outcomes).toEqual(['UNABLE_TO_LOCK_ROW', 'UNABLE_TO_LOCK_ROW', 204]);
    expect([held, await write()]).toEqual(['UNABLE_TO_LOCK_ROW', 204]);
  });

  test('rules over what is not there, or that are none, are refused', async () => {
    const validation = (changes: Record<string, string>) =>
      org.control('POST', '/rules/validation', {
        object: 'Lead',
        name: 'n',
        when: 'Company = null',
        message: 'm',
        ...changes,
      });
    const account = await org.create('Account', { Name: 'No owner' });

    expect(await validation({ object: 'Nothing' })).toEqual(refusal(404));
    expect(await validation({ field: 'Nothing' })).toEqual(refusal(404));
    expect(await validation({ when: 'Nothing = 1' })).toEqual(refusal(400));
    expect(await validation({ when: 'Id IN (SELECT LeadId FROM CampaignMember)' })).toEqual(refusal(409));
    expect(
      await org.control('POST', '/rules/duplicate', {
        object: 'Lead',
        name: 'n',
        action: 'block',
        matchFields: ['No'],
      }),
    ).toEqual(refusal(404));
    expect(await org.control('POST', '/rules/assignment', { object: 'Lead', name: 'n', ownerId: account })).toEqual(
      refusal(409),
    );
    expect((await org.control('POST', '/locks', {})).status).toBe(400);
  });
});

describe('what people do with records', () => {
  test('a lead is converted to a contact of an account, and refuses changes from then on', async () => {
    const lead = await org.create('Lead', {
      FirstName: 'Ada',
      LastName: 'Byron',
      Company: 'Engines Ltd',
      Email: 'ada@example.org',
      City: 'London',
      HasOptedOutOfEmail: true,
    });

    const { status, body } = await org.control('POST', `/leads/${lead}/convert`, { opportunityName: 'First engine' });

    expect([status, Object.keys(body)]).toEqual([200, ['accountId', 'contactId', 'opportunityId']]);
    expect(
      await org.query(
        `SELECT IsConverted, Status, ConvertedAccountId, ConvertedContactId, ConvertedOpportunityId FROM Lead WHERE Id = '${lead}'`,
      ),
    ).toEqual([
      expect.objectContaining({
        IsConverted: true,
        Status: 'Closed - Converted',
        ConvertedAccountId: body.accountId,
        ConvertedContactId: body.contactId,
        ConvertedOpportunityId: body.opportunityId,
      }),
    ]);
    expect(await org.query('SELECT Name, Email, MailingCity, HasOptedOutOfEmail, Account.Name FROM Contact')).toEqual([
      expect.objectContaining({
        Name: 'Ada Byron',
        Email: 'ada@example.org',
        MailingCity: 'London',
        HasOptedOutOfEmail: true,
        Account: expect.objectContaining({ Name: 'Engines Ltd' }),
      }),
    ]);
    expect(await outcome(org.call('PATCH', `/sobjects/Lead/${lead}`, { City: 'Paris' }))).toBe(
      'CANNOT_UPDATE_CONVERTED_LEAD',
    );
    expect(await org.control('POST', `/leads/${lead}/convert`)).toEqual(refusal(409));
  });

  test('a lead is converted to a contact that is there, and nothing is made when a rule refuses', async () => {
    const account = await org.create('Account', { Name: 'There' });
    const contact = await org.create('Contact', { LastName: 'There', AccountId: account });
    const [lead, other] = [
      await org.create('Lead', { LastName: 'There', Company: 'There' }),
      await org.create('Lead', { LastName: 'Bot', Company: 'Bots' }),
    ];
    await org.control('POST', '/rules/validation', {
      object: 'Contact',
      name: 'n',
      when: "LastName = 'Bot'",
      message: 'No',
    });

    const converted = await org.control('POST', `/leads/${lead}/convert`, { accountId: account, contactId: contact });
    const refused = await org.control('POST', `/leads/${other}/convert`);

    expect(converted.body).toEqual({ accountId: account, contactId: contact, opportunityId: null });
    expect(refused).toEqual(refusal(409));
    expect(refused.body.message).toContain('FIELD_CUSTOM_VALIDATION_EXCEPTION');
    expect(await org.query('SELECT Id FROM Account')).toHaveLength(1);
    expect(await org.control('POST', `/leads/${contact}/convert`)).toEqual(refusal(404));
  });

  test('merged records go into the bin, name their master, and leave it their children', async () => {
    const [master, loser] = [
      await org.create('Account', { Name: 'Stays' }),
      await org.create('Account', { Name: 'Goes' }),
    ];
    const contact = await org.create('Contact', { LastName: 'Child', AccountId: loser });
    await org.call('PATCH', `/sobjects/Account/${master}`, { ParentId: loser });

    const { status } = await org.control('POST', '/merge', { masterId: master, loserIds: [loser] });

    const all = await org.call(
      'GET',
      `/queryAll?q=${encodeURIComponent('SELECT Id, IsDeleted, MasterRecordId, ParentId FROM Account ORDER BY Name')}`,
    );
    expect(status).toBe(204);
    expect(all.body.records).toEqual([
      expect.objectContaining({ Id: loser, IsDeleted: true, MasterRecordId: master }),
      expect.objectContaining({ Id: master, IsDeleted: false, MasterRecordId: null, ParentId: null }),
    ]);
    expect(await org.query(`SELECT AccountId FROM Contact WHERE Id = '${contact}'`)).toEqual([
      expect.objectContaining({ AccountId: master }),
    ]);
    expect(await outcome(org.call('GET', `/sobjects/Account/${loser}`))).toBe('ENTITY_IS_DELETED');
    expect(org.sandbox.salesforce.writeLog({ operation: 'merge' })).toEqual([
      expect.objectContaining({
        object: 'Account',
        recordId: loser,
        after: { IsDeleted: true, MasterRecordId: master },
      }),
    ]);
  });

  test('what cannot be merged is refused, and nothing is merged then', async () => {
    const [a, b] = [
      await org.create('Lead', { LastName: 'A', Company: 'C' }),
      await org.create('Lead', { LastName: 'B', Company: 'C' }),
    ];
    const contact = await org.create('Contact', { LastName: 'C' });
    const campaign = await org.create('Campaign', { Name: 'C' });
    const merge = (masterId: string, loserIds: string[]) => org.control('POST', '/merge', { masterId, loserIds });

    expect(await merge(a, [b, contact])).toEqual(refusal(404));
    expect(await merge(a, [a])).toEqual(refusal(409));
    expect(await merge(campaign, [campaign])).toEqual(refusal(409));
    expect((await merge(a, [])).status).toBe(400);
    expect(await org.query('SELECT Id FROM Lead')).toHaveLength(2);
  });

  test('a record is taken out of the recycle bin', async () => {
    const id = await org.create('Contact', { LastName: 'Back' });
    await org.call('DELETE', `/sobjects/Contact/${id}`);

    expect((await org.control('POST', `/records/${id}/undelete`)).status).toBe(204);
    expect(await org.control('POST', `/records/${id}/undelete`)).toEqual(refusal(404));
    expect(await org.control('POST', '/records/nothing/undelete')).toEqual(refusal(404));
    expect(await org.query('SELECT LastName FROM Contact')).toEqual([expect.objectContaining({ LastName: 'Back' })]);
  });

  test('further pages of queries are lost when their locators expire', async () => {
    await org.control('PATCH', '/settings', { queryPageRows: 1 });
    await org.create('Contact', { LastName: 'A' });
    await org.create('Contact', { LastName: 'B' });
    const first = await org.call('GET', '/query?q=SELECT+Id+FROM+Contact+LIMIT+5');

    await org.control('POST', '/expire-locators');

    expect(first.body.done).toBe(false);
    expect(await outcome(org.call('GET', first.body.nextRecordsUrl))).toBe('INVALID_QUERY_LOCATOR');
  });
});
