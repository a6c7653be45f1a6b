import type { FieldDeclarationInput } from '../../src/sandbox/salesforce/declarations';
import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg();
  const { vendor } = org.sandbox.salesforce;
  const fields: FieldDeclarationInput[] = [
    { name: 'Key__c', type: 'string', length: 20, externalId: true, unique: true },
    { name: 'Exact__c', type: 'string', length: 20, externalId: true, unique: true, caseSensitive: true },
    { name: 'Points__c', type: 'double', precision: 6, scale: 2 },
    { name: 'Share__c', type: 'percent', precision: 2, scale: 2 },
    { name: 'Member__c', type: 'boolean' },
    { name: 'Seen__c', type: 'datetime' },
    { name: 'Due__c', type: 'date' },
    { name: 'Clock__c', type: 'time' },
    { name: 'Likes__c', type: 'multipicklist', picklist: ['Tea', 'Beer', 'Wine'] },
    { name: 'Only__c', type: 'multipicklist', picklist: ['Tea', 'Beer'], restricted: true },
    { name: 'Where__c', type: 'location' },
  ];
  for (const field of fields) vendor.org.declareField('Contact', field);
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const contact = (more: Record<string, unknown> = {}) => ({ LastName: 'Lee', ...more });
/** A value as it is read again after it was written. */
const stored = async (name: string, value: unknown): Promise<unknown> => {
  const id = await org.create('Contact', contact({ [name]: value }));
  const { body } = await org.call('GET', `/sobjects/Contact/${id}?fields=${name}`);
  return body[name];
};
const refusal = async (fields: Record<string, unknown>, id?: string) => {
  const path = `/sobjects/Contact${id === undefined ? '' : `/${id}`}`;
  const { status, body } = await org.call(id === undefined ? 'POST' : 'PATCH', path, fields);
  expect([status, body?.length]).toEqual([400, 1]);
  return body[0];
};

describe('what is stored', () => {
  test.each([
    ['text without blanks at its ends', 'Title', ' \t The chief \n', 'The chief'],
    ['a no-break space is none', 'Title', '\u00a0Chief\u00a0', '\u00a0Chief\u00a0'],
    ['empty text as null', 'Title', '', null],
    ['blank text as null', 'Title', '   ', null],
    ['e-mail addresses in lower case', 'Email', ' Ana@Acme.TEST ', 'ana@acme.test'],
    ['a dot before the @ puts the local part in quotes', 'Email', 'A.@acme.test', '"a."@acme.test'],
    ['as do two dots', 'Email', 'a..b@acme.test', '"a..b"@acme.test'],
    ['single dots do not', 'Email', 'a.b@acme.test', 'a.b@acme.test'],
    ['numbers are rounded', 'Points__c', 1.005, 1.01],
    ['away from zero', 'Points__c', -2.345, -2.35],
    ['a number may be text', 'Points__c', '12.5', 12.5],
    ['tiny ones are zero', 'Points__c', 1e-9, 0],
    ['percent is what it says', 'Share__c', 0.25, 0.25],
    ['choices in the order of their list, once', 'Likes__c', 'Wine; tea;Wine', 'Tea;Wine'],
    ['unknown choices last', 'Likes__c', 'Mead;Beer', 'Beer;Mead'],
    ['any text in an open picklist', 'LeadSource', 'Carrier pigeon', 'Carrier pigeon'],
    ['the value of a closed one, whatever its case', 'CleanStatus', 'matched', 'Matched'],
    ['a date', 'Due__c', '2026-02-28', '2026-02-28'],
    [
      'a time with any offset, in UTC, in whole seconds',
      'Seen__c',
      '2026-05-04T11:30:00.789+02:00',
      '2026-05-04T09:30:00.000+0000',
    ],
    ['the vendor’s own form', 'Seen__c', '2026-05-04T09:30:00.000+0000', '2026-05-04T09:30:00.000+0000'],
    ['a time of day', 'Clock__c', '23:59:59.999Z', '23:59:59.999Z'],
    ['a truth', 'Member__c', true, true],
    ['text as it is', 'Description', 'a "b"\n\u{1f600}\u2028<&>', 'a "b"\n\u{1f600}\u2028<&>'],
  ])('%s: %s', async (_rule, name, value, expected) => {
    expect(await stored(name, value)).toEqual(expected);
  });

  test('large numbers are written as the vendor does', async () => {
    const id = await org.create('Account', { Name: 'Large', AnnualRevenue: 12_500_000, NumberOfEmployees: 20_000_000 });

    const answer = await fetch(
      `${org.url}/services/data/v60.0/sobjects/Account/${id}?fields=AnnualRevenue,NumberOfEmployees`,
      {
        headers: { Authorization: `Bearer ${org.accessToken}` },
      },
    );

    expect(await answer.text()).toContain('"AnnualRevenue":1.25E7,"NumberOfEmployees":20000000');
  });

  test('a location has two parts', async () => {
    const id = await org.create('Contact', contact({ Where__Latitude__s: 47.07, Where__Longitude__s: 15.43 }));

    expect(await org.query(`SELECT Where__c FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { Where__c: { latitude: 47.07, longitude: 15.43 } },
    ]);
  });
});

describe('blank values', () => {
  const filled = { Title: 'T', Points__c: 1, Due__c: '2026-01-01', Seen__c: '2026-01-01T00:00:00Z', Likes__c: 'Tea' };

  test.each(Object.keys(filled))('null clears %s, what is left out stays', async (name) => {
    const id = await org.create('Contact', contact(filled));

    expect((await org.call('PATCH', `/sobjects/Contact/${id}`, { [name]: null })).status).toBe(204);
    expect((await org.call('GET', `/sobjects/Contact/${id}`)).body).toMatchObject({
      ...Object.fromEntries(Object.keys(filled).map((one) => [one, one === name ? null : expect.anything()])),
      LastName: 'Lee',
    });
  });

  test.each([
    ['Points__c', 'JSON_PARSER_ERROR'],
    ['Due__c', 'JSON_PARSER_ERROR'],
    ['Seen__c', 'JSON_PARSER_ERROR'],
    ['Member__c', 'JSON_PARSER_ERROR'],
    ['AccountId', 'MALFORMED_ID'],
  ])('empty text is an error for %s', async (name, errorCode) => {
    expect((await refusal(contact({ [name]: '' }))).errorCode).toBe(errorCode);
  });

  test('null is no value of a checkbox, nor of a required field', async () => {
    const id = await org.create('Contact', contact());

    expect(await refusal({ Member__c: null }, id)).toMatchObject({
      errorCode: 'INVALID_TYPE_ON_FIELD_IN_RECORD',
      fields: ['Member__c'],
    });
    expect(await refusal({ LastName: ' ' }, id)).toEqual({
      errorCode: 'REQUIRED_FIELD_MISSING',
      message: 'Required fields are missing: [LastName]',
      fields: ['LastName'],
    });
  });
});

describe('codes', () => {
  test.each([
    ['INVALID_FIELD', { Nope__c: 1 }, "No such column 'Nope__c' on sobject of type Contact", []],
    [
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      { Name: 'Ana Lee', CreatedDate: null },
      'Unable to create/update fields: Name, CreatedDate. Please check the security settings of this field and verify that it is read/write for your profile or permission set.',
      ['Name', 'CreatedDate'],
    ],
    [
      'JSON_PARSER_ERROR',
      { Due__c: 'tomorrow' },
      'Cannot deserialize instance of date from VALUE_STRING value tomorrow or request may be missing a required field at [line:1, column:28]',
      ['Due__c'],
    ],
    [
      'JSON_PARSER_ERROR',
      { Title: 5 },
      'Cannot deserialize instance of string from VALUE_NUMBER_INT value 5 or request may be missing a required field at [line:1, column:27]',
      ['Title'],
    ],
    [
      'STRING_TOO_LONG',
      { FirstName: 'x'.repeat(41) },
      `First Name: data value too large: ${'x'.repeat(41)} (max length=40)`,
      ['FirstName'],
    ],
    ['INVALID_EMAIL_ADDRESS', { Email: 'foo@' }, 'Email: invalid email address: foo@', ['Email']],
    [
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      { CleanStatus: 'Foo' },
      'Clean Status: bad value for restricted picklist field: Foo',
      ['CleanStatus'],
    ],
    [
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      { Only__c: 'Tea;Mead' },
      'Only: bad value for restricted picklist field: Mead',
      ['Only__c'],
    ],
    [
      'NUMBER_OUTSIDE_VALID_RANGE',
      { Points__c: 10_000 },
      'Points: value outside of valid range on numeric field: 10000',
      ['Points__c'],
    ],
    [
      'NUMBER_OUTSIDE_VALID_RANGE',
      { Share__c: 1 },
      'Share: value outside of valid range on numeric field: 1',
      ['Share__c'],
    ],
  ])('%s: %j', async (errorCode, fields, message, named) => {
    expect(await refusal(contact(fields))).toEqual({ errorCode, message, fields: named });
  });

  test.each(['a@b', 'a b@acme.test', '@acme.test', 'a@acme..test', 'a@@acme.test', 'ä@acme.test', 'a@-.test'])(
    '%s is no e-mail address',
    async (Email) => {
      expect((await refusal(contact({ Email }))).errorCode).toBe('INVALID_EMAIL_ADDRESS');
    },
  );

  test('DUPLICATE_VALUE names the other record by 15 characters, whatever the case of the value', async () => {
    const id = await org.create('Contact', contact({ Key__c: 'Once' }));

    expect(await refusal(contact({ Key__c: 'ONCE' }))).toEqual({
      errorCode: 'DUPLICATE_VALUE',
      message: `duplicate value found: Key__c duplicates value on record with id: ${id.slice(0, 15)}`,
      fields: [],
    });
    // a record does not stand in its own way
    expect((await org.call('PATCH', `/sobjects/Contact/${id}`, { Key__c: 'oNcE' })).status).toBe(204);
  });

  test('a case-sensitive key is another in another case', async () => {
    await org.create('Contact', contact({ Exact__c: 'abc' }));

    expect(await stored('Exact__c', 'ABC')).toBe('ABC');
    expect((await refusal(contact({ Exact__c: 'abc' }))).errorCode).toBe('DUPLICATE_VALUE');
  });

  test('a whole number has no decimals and as many digits as describe says', async () => {
    const account = async (NumberOfEmployees: unknown) => {
      const { status, body } = await org.call('POST', '/sobjects/Account', { Name: 'A', NumberOfEmployees });
      return status === 201 ? status : body[0];
    };

    expect(await account(99_999_999)).toBe(201);
    expect(await account(1_431_655_766)).toEqual({
      errorCode: 'NUMBER_OUTSIDE_VALID_RANGE',
      message: 'Employees: value outside of valid range on numeric field: 1431655766',
      fields: ['NumberOfEmployees'],
    });
    expect(await account(1.5)).toMatchObject({ errorCode: 'INVALID_TYPE_ON_FIELD_IN_RECORD' });
  });
});

describe('the checks', () => {
  /** All that can be wrong at once; each step of the test puts one of them right. */
  const wrong: Record<string, unknown> = {
    Nope__c: 1,
    Name: 'read-only',
    Due__c: 'no date',
    LastName: '',
    FirstName: 'x'.repeat(41),
    Email: 'no address',
    AccountId: '001000000000000AAA',
    Key__c: 'taken',
    Department: 'Twins',
    Title: 'forbidden',
  };
  const steps = [
    ['Nope__c', 'INVALID_FIELD'],
    ['Name', 'INVALID_FIELD_FOR_INSERT_UPDATE'],
    ['Due__c', 'JSON_PARSER_ERROR'],
    ['LastName', 'REQUIRED_FIELD_MISSING'],
    ['FirstName', 'STRING_TOO_LONG'],
    ['Email', 'INVALID_EMAIL_ADDRESS'],
    ['AccountId', 'INVALID_CROSS_REFERENCE_KEY'],
    ['Key__c', 'DUPLICATE_VALUE'],
    ['Department', 'DUPLICATES_DETECTED'],
    ['Title', 'FIELD_CUSTOM_VALIDATION_EXCEPTION'],
  ] as const;

  test.each(['insert', 'update'])('of an %s come one after the other', async (operation) => {
    const { rules } = org.sandbox.salesforce.vendor;
    rules.addDuplicateRule({
      object: 'Contact',
      name: 'Twins',
      action: 'block',
      matchFields: ['Department'],
      onUpdate: true,
    });
    rules.addValidationRule({ object: 'Contact', name: 'Title', when: "Title = 'forbidden'", message: 'No.' });
    await org.call('PATCH', '/sobjects/Contact/Key__c/taken', contact({ Department: 'Twins' }));
    const id = operation === 'update' ? await org.create('Contact', contact()) : undefined;
    const fields = { ...wrong };

    const codes: string[] = [];
    for (const [name] of steps) {
      codes.push((await refusal(fields, id)).errorCode);
      delete fields[name];
      if (name === 'LastName') fields.LastName = 'Lee';
    }
    rules.clear();

    expect(codes).toEqual(steps.map(([, code]) => code));
  });
});
