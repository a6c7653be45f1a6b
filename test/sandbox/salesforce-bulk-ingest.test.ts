import { type BulkClient, bulkClient, declareKey } from './salesforce-bulk-jobs';
import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
let bulk: BulkClient;
beforeAll(async () => {
  org = await startTestOrg();
  bulk = bulkClient(org);
  await declareKey(org, 'Contact');
  await declareKey(org, 'Account');
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const contact = { object: 'Contact' };
const insert = { ...contact, operation: 'insert' };
const upsert = { ...contact, operation: 'upsert', externalIdFieldName: 'Ext__c' };
const contactsNamed = (lastName: string, fields = 'Id') =>
  org.query(`SELECT ${fields} FROM Contact WHERE LastName = '${lastName}' ORDER BY FirstName`);

describe('an insert', () => {
  test('writes the good rows and tells of the others, each with the columns as they were uploaded', async () => {
    const job = await bulk.load(
      insert,
      'Ext__c,FirstName,LastName\nI-1,"Ann ""A""",Insert\nI-2,"Bo, B",\nI-3,"Line\nbreak",Insert\n',
    );

    const successful = await bulk.file(job.id, 'successfulResults/');
    const failed = await bulk.file(job.id, 'failedResults');
    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3, numberRecordsFailed: 1, retries: 0 });
    expect(job).not.toHaveProperty('errorMessage');
    expect(successful.headers.get('content-type')).toContain('text/csv');
    expect(successful.text.split('\n')[0]).toBe('"sf__Id","sf__Created",Ext__c,FirstName,LastName');
    expect(byKey(successful.rows)).toEqual([
      {
        sf__Id: expect.stringMatching(/^003\w{15}$/),
        sf__Created: 'true',
        Ext__c: 'I-1',
        FirstName: 'Ann "A"',
        LastName: 'Insert',
      },
      {
        sf__Id: expect.stringMatching(/^003\w{15}$/),
        sf__Created: 'true',
        Ext__c: 'I-3',
        FirstName: 'Line\nbreak',
        LastName: 'Insert',
      },
    ]);
    expect(failed.text).toBe(
      '"sf__Id","sf__Error",Ext__c,FirstName,LastName\n' +
        '"","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --","I-2","Bo, B",""\n',
    );
    expect((await bulk.file(job.id, 'unprocessedrecords')).text).toBe('Ext__c,FirstName,LastName\n');
    expect(await contactsNamed('Insert')).toHaveLength(2);
  });

  test('is complete though every row has failed', async () => {
    const job = await bulk.load(insert, 'LastName,Email\nAll bad,x@\nAll bad,y@\n');

    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 2, numberRecordsFailed: 2 });
    expect((await bulk.file(job.id, 'successfulResults')).text).toBe('"sf__Id","sf__Created",LastName,Email\n');
  });

  test('of many rows tells of them in another order than they came in', async () => {
    const keys = Array.from({ length: 450 }, (_, index) => `M-${String(index).padStart(3, '0')}`);

    const job = await bulk.load(insert, `Ext__c,LastName\n${keys.map((key) => `${key},Many`).join('\n')}`);

    const { rows, text } = await bulk.file(job.id, 'successfulResults');
    const order = rows.map(({ Ext__c }) => Ext__c);
    expect(job).toMatchObject({ numberRecordsProcessed: 450, numberRecordsFailed: 0 });
    expect(order).not.toEqual(keys);
    expect([...order].sort()).toEqual(keys);
    expect((await bulk.file(job.id, 'successfulResults')).text).toBe(text);
  });

  test('may not name its Ids', async () => {
    const job = await bulk.load(insert, 'Id,LastName\n003000000000001AAA,Named\n,Unnamed\n');

    const [failed] = (await bulk.file(job.id, 'failedResults')).rows;
    expect(failed?.sf__Error).toBe('INVALID_FIELD_FOR_INSERT_UPDATE:cannot specify Id in an insert call:Id --');
    expect(await contactsNamed('Unnamed')).toHaveLength(1);
  });
});

describe('an update', () => {
  test('leaves alone what is empty, and clears what is #N/A', async () => {
    const id = await org.create('Contact', { LastName: 'Update', FirstName: 'Kept', Title: 'Cleared', Phone: '1' });

    const job = await bulk.load({ ...contact, operation: 'update' }, `Id,FirstName,Title,Phone\n${id},,#N/A,2\n`);

    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 });
    expect(await contactsNamed('Update', 'FirstName, Title, Phone')).toMatchObject([
      { FirstName: 'Kept', Title: null, Phone: '2' },
    ]);
    expect((await bulk.file(job.id, 'successfulResults')).rows).toEqual([
      { sf__Id: id, sf__Created: 'false', Id: id, FirstName: '', Title: '#N/A', Phone: '2' },
    ]);
  });

  test('says of a failed row which record it is about', async () => {
    const id = await org.create('Contact', { LastName: 'Failing' });
    const csv = `Id,Birthdate,LastName\n${id},tomorrow,Failing\n,,Nobody\nabc,,Nobody\n${id.slice(0, 15)},,#N/A\n`;

    const job = await bulk.load({ ...contact, operation: 'update' }, csv);

    const { rows } = await bulk.file(job.id, 'failedResults');
    const twice = `DUPLICATE_VALUE:duplicate id specified: ${id}:Id --`;
    expect(rows.map(({ sf__Id, sf__Error }) => [sf__Id, sf__Error]).sort()).toEqual(
      [
        [id, twice],
        [id, twice],
        ['', 'MISSING_ARGUMENT:Id not specified in an update call:--'],
        ['abc', 'MALFORMED_ID:malformed id abc:Id --'],
      ].sort(),
    );
    const alone = await bulk.load({ ...contact, operation: 'update' }, `Id,Title,Birthdate\n${id},x,tomorrow\n`);
    expect((await bulk.file(alone.id, 'failedResults')).rows[0]).toMatchObject({
      sf__Id: id,
      sf__Error:
        "INVALID_FIELD:Failed to deserialize field at col 2. Due to, 'tomorrow' is not a valid value for the type xsd:date:Birthdate --",
    });
  });

  test('by a version before 53 does not say it', async () => {
    const id = await org.create('Contact', { LastName: 'Old version' });
    const path = '/services/data/v52.0/jobs/ingest';
    const { body: job } = await org.call('POST', path, { ...contact, operation: 'update' });
    const headers = { Authorization: `Bearer ${org.accessToken}` };
    const put = { method: 'PUT', headers: { ...headers, 'Content-Type': 'text/csv' }, body: `Id,Email\n${id},x@\n` };
    await fetch(`${org.url}${path}/${job.id}/batches`, put);
    await org.call('PATCH', `${path}/${job.id}`, { state: 'UploadComplete' });
    const result = async () => (await fetch(`${org.url}${path}/${job.id}/failedResults`, { headers })).text();
    let text = await result();
    while (text === '') text = await result();

    expect(text.split('\n')[1]).toMatch(/^"","INVALID_EMAIL_ADDRESS:/);
  });
});

describe('an upsert', () => {
  test('updates the record that has the key, and makes the others', async () => {
    const id = await org.create('Contact', { LastName: 'Upsert', Ext__c: 'U-1' });

    const job = await bulk.load(upsert, 'LastName,Ext__c,FirstName\nUpsert,u-1,Known\nUpsert,U-2,New\nUpsert,,Lost\n');

    const successful = await bulk.file(job.id, 'successfulResults');
    expect(byKey(successful.rows)).toMatchObject([
      { Ext__c: 'U-2', sf__Created: 'true' },
      { Ext__c: 'u-1', sf__Created: 'false', sf__Id: id },
    ]);
    expect((await bulk.file(job.id, 'failedResults')).rows).toMatchObject([
      { sf__Id: '', sf__Error: 'MISSING_ARGUMENT:Ext__c not specified:--', FirstName: 'Lost' },
    ]);
    expect(await contactsNamed('Upsert', 'FirstName, Ext__c')).toMatchObject([
      { FirstName: 'Known' },
      { FirstName: 'New' },
    ]);
  });

  test('writes no row of a key that comes twice within 200 rows, but one that comes again later', async () => {
    const filler = Array.from({ length: 198 }, (_, index) => `T-${index},Twice,f`);
    const rows = ['same,Twice,a', 'SAME,Twice,b', ...filler, 'T-0,Twice,again', 'same,Twice,c'];

    const job = await bulk.load(upsert, `Ext__c,LastName,FirstName\n${rows.join('\n')}\n`);

    const failed = (await bulk.file(job.id, 'failedResults')).rows;
    expect(job).toMatchObject({ numberRecordsProcessed: 202, numberRecordsFailed: 2 });
    expect(failed.map(({ sf__Error }) => sf__Error).sort()).toEqual([
      'DUPLICATE_VALUE:Duplicate external id specified: SAME:--',
      'DUPLICATE_VALUE:Duplicate external id specified: same:--',
    ]);
    const again = await org.query(
      "SELECT Ext__c, FirstName FROM Contact WHERE Ext__c IN ('T-0', 'same') ORDER BY Ext__c",
    );
    expect(again).toMatchObject([
      { Ext__c: 'same', FirstName: 'c' },
      { Ext__c: 'T-0', FirstName: 'again' },
    ]);
    expect(violations()).toContain('sameKeyTwiceInBatch');
  });

  test('by a key that several records have changes none of them', async () => {
    for (const FirstName of ['A', 'B'])
      await org.create('Contact', { LastName: 'Twins', FirstName, Email: 'twins@example.org' });

    const job = await bulk.load(
      { ...upsert, externalIdFieldName: 'Email' },
      'Email,LastName\ntwins@example.org,Changed\n',
    );

    const [failed] = (await bulk.file(job.id, 'failedResults')).rows;
    expect(failed?.sf__Error).toMatch(
      /^DUPLICATE_EXTERNAL_ID:Email: more than one record found .*\[003\w{15}, 003\w{15}\]:--$/,
    );
    expect(await contactsNamed('Twins')).toHaveLength(2);
  });

  test('by Id updates rows that have one, and inserts the others', async () => {
    const id = await org.create('Contact', { LastName: 'By Id', FirstName: 'A' });

    const job = await bulk.load(
      { ...upsert, externalIdFieldName: 'Id' },
      `Id,LastName,FirstName\n${id},By Id,Changed\n,By Id,New\n003000000000009AAA,By Id,Foreign\n`,
    );

    expect((await contactsNamed('By Id', 'FirstName')).map(({ FirstName }) => FirstName)).toEqual(['Changed', 'New']);
    expect((await bulk.file(job.id, 'failedResults')).rows).toMatchObject([
      { sf__Id: '003000000000009AAA', sf__Error: 'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--' },
    ]);
  });

  test('that names records by an external Id may carry an Id column only where it is empty', async () => {
    const job = await bulk.load(upsert, 'Id,Ext__c,LastName\n,E-1,Empty Id\n003000000000001AAA,E-2,With Id\n');

    expect((await bulk.file(job.id, 'failedResults')).rows).toMatchObject([
      { Ext__c: 'E-2', sf__Error: 'INVALID_FIELD:The Id field should not be specified in the sobject data:Id --' },
    ]);
    expect(job).toMatchObject({ numberRecordsProcessed: 2, numberRecordsFailed: 1 });
  });
});

describe('a deletion', () => {
  test('puts records into the recycle bin, hardDelete leaves nothing', async () => {
    const [soft, hard, other] = [
      await org.create('Contact', { LastName: 'Soft' }),
      await org.create('Contact', { LastName: 'Hard' }),
      await org.create('Account', { Name: 'No contact' }),
    ];

    const softly = await bulk.load({ ...contact, operation: 'delete' }, `Id\n${soft}\n${soft}\n${other}\n`);
    const hardly = await bulk.load({ ...contact, operation: 'hardDelete' }, `Id\n${hard}\n`);

    expect((await bulk.file(softly.id, 'successfulResults')).rows).toEqual([
      { sf__Id: soft, sf__Created: 'false', Id: soft },
    ]);
    expect((await bulk.file(softly.id, 'failedResults')).rows.map(({ sf__Error }) => sf__Error).sort()).toEqual([
      'ENTITY_IS_DELETED:entity is deleted:--',
      'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--',
    ]);
    expect(hardly).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 });
    const all = await org.call(
      'GET',
      `/queryAll?q=${encodeURIComponent("SELECT LastName, IsDeleted FROM Contact WHERE LastName IN ('Soft', 'Hard')")}`,
    );
    expect(all.body.records).toMatchObject([{ LastName: 'Soft', IsDeleted: true }]);
    expect(await org.query("SELECT Id FROM Account WHERE Name = 'No contact'")).toHaveLength(1);
  });

  test('of more than Ids fails as a whole', async () => {
    const job = await bulk.load({ ...contact, operation: 'delete' }, 'Id,LastName\n003000000000001AAA,x\n');

    expect(job).toMatchObject({
      state: 'Failed',
      errorMessage: "InvalidBatch : The 'delete' batch must contain only ids",
    });
  });
});

describe('columns', () => {
  test('of parents find them by their keys', async () => {
    const account = await org.create('Account', { Name: 'Parent', Ext__c: 'A-7' });

    const job = await bulk.load(
      insert,
      'LastName,FirstName,Account.Ext__c,User:Owner.Username\nChild,a,a-7,sandbox@example.com\nChild,b,A-8,\nChild,c,#N/A,\n',
    );

    expect(await contactsNamed('Child', 'FirstName, AccountId, Owner.Username')).toMatchObject([
      { FirstName: 'a', AccountId: account, Owner: { Username: 'sandbox@example.com' } },
      { FirstName: 'c', AccountId: null },
    ]);
    expect((await bulk.file(job.id, 'failedResults')).rows).toMatchObject([
      { sf__Error: 'INVALID_FIELD:Foreign key external ID: A-8 not found for field Ext__c in entity Account:--' },
    ]);
    expect((await bulk.file(job.id, 'successfulResults')).rows[0]).toHaveProperty(['Account.Ext__c']);
  });

  test('that are headed in the wrong case are loaded, and blank in the results', async () => {
    const job = await bulk.load(insert, 'lastname,FirstName,account.Ext__c\nWrong case,Right,\n');

    const { text } = await bulk.file(job.id, 'successfulResults');
    expect(text).toMatch(
      /^"sf__Id","sf__Created",lastname,FirstName,account.Ext__c\n"003\w{15}","true","","Right",""\n$/,
    );
    expect(await contactsNamed('Wrong case')).toHaveLength(1);
  });

  test.each([
    ['LastName,Foo__c', 'InvalidBatch : Field name not found : Foo__c'],
    ['LastName,Account.Name', 'InvalidBatch : Field name not found : Account.Name'],
    ['LastName,Title,Title', 'InvalidBatch : Duplicate field name in the header : Title'],
    [
      'LastName,Ti"tle',
      'InvalidBatch : Failed to parse CSV header. Found unescaped quote. A value with quote should be within a quote',
    ],
  ])('%s sink the job before a row is written', async (header, errorMessage) => {
    const job = await bulk.load(insert, `${header}\nSunk,x\nSunk,y\n`);

    expect(job).toMatchObject({ state: 'Failed', errorMessage, numberRecordsProcessed: 0, numberRecordsFailed: 0 });
    expect((await bulk.file(job.id, 'unprocessedrecords')).text).toBe(`${header}\n"Sunk","x"\n"Sunk","y"\n`);
    expect(await contactsNamed('Sunk')).toEqual([]);
  });
});

describe('a file', () => {
  test.each([
    ['LF', '\r\n'],
    ['CRLF', '\n'],
  ])('that the job says ends its lines with %s, and does not, sinks the job', async (lineEnding, actual) => {
    const job = await bulk.load({ ...insert, lineEnding }, ['LastName', 'Ended', ''].join(actual));

    expect(job).toMatchObject({
      state: 'Failed',
      errorMessage: `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${lineEnding}`,
      numberRecordsProcessed: 0,
    });
    expect((await bulk.file(job.id, 'unprocessedrecords')).rows).toEqual([{ LastName: 'Ended' }]);
  });

  test('may have other delimiters and line ends, and its results have the same', async () => {
    const format = { columnDelimiter: 'PIPE', lineEnding: 'CRLF' };

    const job = await bulk.load({ ...insert, ...format }, 'LastName|FirstName\r\nPiped|"a|b"\r\n');

    const { text } = await bulk.file(job.id, 'successfulResults');
    expect(job).toMatchObject({ ...format, state: 'JobComplete', numberRecordsFailed: 0 });
    expect(text).toMatch(/^"sf__Id"\|"sf__Created"\|LastName\|FirstName\r\n"003\w{15}"\|"true"\|"Piped"\|"a\|b"\r\n$/);
  });

  test('that cannot be read fails the job where it breaks; what came before stays written', async () => {
    const good = Array.from({ length: 200 }, (_, index) => `Broken,${index}`);

    const job = await bulk.load(insert, `LastName,FirstName\n${good.join('\n')}\nBroken, "quoted"\n`);

    expect(job).toMatchObject({
      state: 'Failed',
      errorMessage:
        'InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote',
      numberRecordsProcessed: 200,
    });
    expect(await contactsNamed('Broken')).toHaveLength(200);
    expect((await bulk.file(job.id, 'unprocessedrecords')).text).toBe('LastName,FirstName\nBroken, "quoted"\n');
  });

  test('whose quote is never closed sinks the job', async () => {
    const job = await bulk.load(insert, 'LastName,FirstName\nOpen,"x\n');

    expect(job.errorMessage).toBe('InvalidBatch : Failed to parse CSV. EOF reached before closing an opened quote');
  });

  test.each(['', 'LastName\n'])('without rows (%j) makes a job that has nothing to do', async (csv) => {
    const job = await bulk.load(insert, csv);

    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 0 });
  });

  test('keeps its letters, and a mark at its beginning is no part of the first heading', async () => {
    const job = await bulk.load(insert, '\uFEFFLastName,FirstName\nŁódź,"😀 é"\n');

    expect(await contactsNamed('Łódź', 'FirstName')).toMatchObject([{ FirstName: '😀 é' }]);
    expect((await bulk.file(job.id, 'successfulResults')).rows).toMatchObject([
      { LastName: 'Łódź', FirstName: '😀 é' },
    ]);
  });

  test('may have short rows, and no long ones', async () => {
    const job = await bulk.load(insert, 'LastName,FirstName,Title\nShort\nLong,a,b,c\n');

    expect(await contactsNamed('Short')).toHaveLength(1);
    expect((await bulk.file(job.id, 'failedResults')).text).toContain('"Long","a","b","c"\n');
    expect(job).toMatchObject({ numberRecordsProcessed: 2, numberRecordsFailed: 1 });
  });
});

function byKey(rows: readonly Record<string, string>[]): Record<string, string>[] {
  return [...rows].sort((a, b) => ((a.Ext__c ?? '') < (b.Ext__c ?? '') ? -1 : 1));
}

const violations = (): string[] =>
  org.sandbox.salesforce
    .violations()
    .filter(({ count }) => count > 0)
    .map(({ violation }) => violation);
