import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg();
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

type Described = Record<string, unknown>;
const describeObject = async (object: string) => (await org.call('GET', `/sobjects/${object}/describe`)).body;
const fieldOf = async (object: string, name: string): Promise<Described | undefined> =>
  (await describeObject(object)).fields.find((field: Described) => field.name === name);
const namesOf = (fields: Described[]): unknown[] => fields.map(({ name }) => name);

const SUMMARY_KEYS = [
  'activateable associateEntityType associateParentEntity createable custom customSetting deepCloneable deletable',
  'deprecatedAndHidden feedEnabled hasSubtypes isInterface isSubtype keyPrefix label labelPlural layoutable mergeable',
  'mruEnabled name queryable replicateable retrieveable searchable triggerable undeletable updateable urls',
].flatMap((line) => line.split(' '));
const DETAIL_KEYS = [
  'actionOverrides childRelationships compactLayoutable defaultImplementation extendedBy extendsInterfaces fields',
  'implementedBy implementsInterfaces listviewable lookupLayoutable namedLayoutInfos networkScopeFieldName',
  'recordTypeInfos searchLayoutable sobjectDescribeOption supportedScopes',
].flatMap((line) => line.split(' '));
/** A text field with an external Id, as a recorded describe has it: all attributes. */
const RECORDED_FIELD = {
  aggregatable: true,
  aiPredictionField: false,
  autoNumber: false,
  byteLength: 240,
  calculated: false,
  calculatedFormula: null,
  cascadeDelete: false,
  caseSensitive: false,
  compoundFieldName: null,
  controllerName: null,
  createable: true,
  custom: true,
  defaultValue: null,
  defaultValueFormula: null,
  defaultedOnCreate: false,
  dependentPicklist: false,
  deprecatedAndHidden: false,
  digits: 0,
  displayLocationInDecimal: false,
  encrypted: false,
  externalId: true,
  extraTypeInfo: null,
  filterable: true,
  filteredLookupInfo: null,
  formulaTreatNullNumberAsZero: false,
  groupable: true,
  highScaleNumber: false,
  htmlFormatted: false,
  idLookup: true,
  inlineHelpText: null,
  label: 'Marketo ID',
  length: 80,
  mask: null,
  maskType: null,
  name: 'Marketo_ID__c',
  nameField: false,
  namePointing: false,
  nillable: true,
  permissionable: true,
  picklistValues: [],
  polymorphicForeignKey: false,
  precision: 0,
  queryByDistance: false,
  referenceTargetField: null,
  referenceTo: [],
  relationshipName: null,
  relationshipOrder: null,
  restrictedDelete: false,
  restrictedPicklist: false,
  scale: 0,
  searchPrefilterable: false,
  soapType: 'xsd:string',
  sortable: true,
  type: 'string',
  unique: true,
  updateable: true,
  writeRequiresMasterRead: false,
};

describe('global describe', () => {
  test('lists every object with all its keys', async () => {
    const { status, body } = await org.call('GET', '/sobjects');

    expect([status, body.encoding, body.maxBatchSize]).toEqual([200, 'UTF-8', 200]);
    for (const object of body.sobjects) expect(Object.keys(object).sort()).toEqual([...SUMMARY_KEYS].sort());
    expect(namesOf(body.sobjects)).toEqual(
      expect.arrayContaining(['Account', 'Contact', 'Lead', 'Opportunity', 'Campaign', 'CampaignMember', 'User']),
    );
  });

  test('tells what cannot be done with some', async () => {
    const { body } = await org.call('GET', '/sobjects');
    const named = (name: string) => body.sobjects.find((one: Described) => one.name === name);

    expect(named('Contact')).toMatchObject({ keyPrefix: '003', queryable: true, createable: true, mergeable: true });
    expect(named('CampaignMember')).toMatchObject({ keyPrefix: '00v', undeletable: false, searchable: false });
    expect(named('User')).toMatchObject({ keyPrefix: '005', deletable: false, undeletable: false, mergeable: false });
    expect(named('Lead').urls).toMatchObject({
      sobject: '/services/data/v60.0/sobjects/Lead',
      describe: '/services/data/v60.0/sobjects/Lead/describe',
      rowTemplate: '/services/data/v60.0/sobjects/Lead/{ID}',
    });
  });
});

describe('describe of an object', () => {
  test('has all keys, whatever the case of the name', async () => {
    const body = await describeObject('lEAD');

    expect(Object.keys(body).sort()).toEqual([...SUMMARY_KEYS, ...DETAIL_KEYS].sort());
    expect(body).toMatchObject({ name: 'Lead', label: 'Lead', sobjectDescribeOption: 'FULL' });
    expect(body.recordTypeInfos).toEqual([
      expect.objectContaining({ recordTypeId: '012000000000000AAA', name: 'Master', master: true, available: true }),
    ]);
  });

  test('lists its children', async () => {
    const { childRelationships } = await describeObject('Account');

    expect(childRelationships).toContainEqual({
      cascadeDelete: true,
      childSObject: 'Contact',
      deprecatedAndHidden: false,
      field: 'AccountId',
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: 'Contacts',
      restrictedDelete: false,
    });
  });

  test('an object that is not there is 404', async () => {
    for (const path of ['/sobjects/Foo/describe', '/sobjects/Foo'])
      expect(await org.call('GET', path)).toMatchObject({
        status: 404,
        body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
      });
  });
});

describe('fields', () => {
  test('have the attributes of a recorded one', async () => {
    const key = {
      name: 'Marketo_ID__c',
      label: 'Marketo ID',
      type: 'string',
      length: 80,
      externalId: true,
      unique: true,
    };
    await org.control('POST', '/objects/Contact/fields', key);

    expect(await fieldOf('Contact', 'Marketo_ID__c')).toEqual(RECORDED_FIELD);
    for (const object of ['Account', 'Lead', 'Opportunity', 'CampaignMember', 'User'])
      for (const field of (await describeObject(object)).fields)
        expect(Object.keys(field)).toEqual(Object.keys(RECORDED_FIELD));
  });

  test('say what is required: createable, not nillable, no default', async () => {
    const required = async (object: string) =>
      namesOf(
        (await describeObject(object)).fields.filter(
          ({ createable, nillable, defaultedOnCreate }: Described) => createable && !nillable && !defaultedOnCreate,
        ),
      );

    expect(await required('Lead')).toEqual(['LastName', 'Company']);
    expect(await required('Contact')).toEqual(['LastName']);
    expect(await required('Account')).toEqual(['Name']);
    expect(await required('Opportunity')).toEqual(['Name', 'StageName', 'CloseDate']);
    expect(await required('Campaign')).toEqual(['Name']);
    expect(await required('CampaignMember')).toEqual(['CampaignId']);
  });

  test.each([
    ['Lead', 'Email', { idLookup: true, externalId: false, type: 'email', length: 80, byteLength: 240 }],
    ['Account', 'Name', { idLookup: false, nameField: true, label: 'Account Name', length: 255 }],
    ['Contact', 'Name', { createable: false, updateable: false, nameField: true }],
    ['Contact', 'FirstName', { compoundFieldName: 'Name' }],
    ['Contact', 'MailingCity', { compoundFieldName: 'MailingAddress' }],
    ['Contact', 'MailingAddress', { type: 'address', soapType: 'urn:address', filterable: true, sortable: false }],
    ['Contact', 'Description', { type: 'textarea', length: 32_000, filterable: false, sortable: false }],
    [
      'Contact',
      'AccountId',
      { type: 'reference', soapType: 'tns:ID', referenceTo: ['Account'], relationshipName: 'Account' },
    ],
    ['Lead', 'OwnerId', { referenceTo: ['Group', 'User'], polymorphicForeignKey: true, defaultedOnCreate: true }],
    ['Lead', 'IsConverted', { createable: true, updateable: false, nillable: false, defaultedOnCreate: true }],
    ['Lead', 'EmailBouncedReason', { createable: false, updateable: true }],
    ['CampaignMember', 'CampaignId', { createable: true, updateable: false }],
    ['Opportunity', 'ContactId', { createable: true, updateable: false }],
    ['Opportunity', 'Amount', { type: 'currency', precision: 18, scale: 2, length: 0, digits: 0 }],
    ['Lead', 'NumberOfEmployees', { type: 'int', soapType: 'xsd:int', digits: 8, precision: 0 }],
    ['Lead', 'SystemModstamp', { type: 'datetime', soapType: 'xsd:dateTime', createable: false, nillable: false }],
    ['Lead', 'CleanStatus', { restrictedPicklist: true }],
    ['User', 'Username', { idLookup: true, unique: true }],
  ])('%s.%s', async (object, name, attributes) => {
    expect(await fieldOf(object, name)).toMatchObject(attributes);
  });

  test('that are picklists have their values', async () => {
    const status = await fieldOf('Lead', 'Status');

    expect(status?.picklistValues).toEqual([
      {
        active: true,
        defaultValue: true,
        label: 'Open - Not Contacted',
        validFor: null,
        value: 'Open - Not Contacted',
      },
      ...['Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'].map((value) => ({
        active: true,
        defaultValue: false,
        label: value,
        validFor: null,
        value,
      })),
    ]);
  });

  test('that are hidden from the user are absent', async () => {
    await org.control('PATCH', '/objects/Lead/fields/HasOptedOutOfEmail', { hidden: true });

    expect(await fieldOf('Lead', 'HasOptedOutOfEmail')).toBeUndefined();
    expect((await org.call('GET', '/query?q=SELECT+HasOptedOutOfEmail+FROM+Lead')).body).toMatchObject([
      { errorCode: 'INVALID_FIELD' },
    ]);
    expect(
      (await org.call('POST', '/sobjects/Lead', { LastName: 'L', Company: 'C', HasOptedOutOfEmail: true })).body,
    ).toMatchObject([
      { errorCode: 'INVALID_FIELD', message: "No such column 'HasOptedOutOfEmail' on sobject of type Lead" },
    ]);
  });

  test('that are hidden keep what the org makes of them', async () => {
    await org.control('PATCH', '/objects/Contact/fields/FirstName', { hidden: true });
    org.sandbox.salesforce.vendor.org.changeField('Contact', 'OwnerId', { hidden: true });
    const id = await org.create('Contact', { LastName: 'Seen' });
    org.sandbox.salesforce.vendor.org.changeField('Contact', 'OwnerId', { hidden: false });

    expect(await org.query(`SELECT Owner.Name FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { Owner: { Name: 'Sandbox User' } },
    ]);
  });
});
