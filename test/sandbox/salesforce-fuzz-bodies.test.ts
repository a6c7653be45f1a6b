import fc from '../support/fast-check';
import { propertyRuns } from '../support/property-runs';
import { type FuzzOrg, fieldNames, objectNames, pathSegments, startFuzzOrg, texts } from './salesforce-fuzz-org';

/** Whatever is written, an answer of Salesforce comes out: never a crash, never 500. */
let fuzz: FuzzOrg;
beforeAll(async () => {
  fuzz = await startFuzzOrg();
});
afterAll(async () => {
  const writes = fuzz.org.sandbox.salesforce.writeLog({ limit: 1_000 }).length;
  await fuzz.org.sandbox.stop();
  // that much was not refused: the cases reach further than the first check
  expect(writes).toBeGreaterThan(20);
});
afterEach(() => expect(fuzz.org.sandbox.defects).toEqual([]));

const values = fc.oneof(
  { weight: 4, arbitrary: texts },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.constantFrom<unknown>(null, true, false, 1e308, -1e-300, 5e15),
);
const lee = fc.constant('Lee');
const mostly = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: values });
const fields = (good: Record<string, fc.Arbitrary<unknown>>, more: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record({ ...good, ...more }, { requiredKeys: Object.keys(good) });
const words = fc.string({ unit: 'binary', maxLength: 40 });
/** An object, and a record that is good for it but for a value or two. */
const records = fc.oneof(
  fc.tuple(
    fc.constant('Contact'),
    fields(
      { LastName: mostly(words) },
      {
        Title: mostly(words),
        Likes__c: mostly(words),
        Number__c: mostly(fc.double({ min: -99, max: 99, noNaN: true })),
      },
    ),
  ),
  fc.tuple(
    fc.constant('Contact'),
    fields(
      { LastName: lee },
      {
        Account: fields({}, { Ext__c: fc.constantFrom('a', 'b') }),
        Where__Latitude__s: mostly(fc.double({ min: -90, max: 90, noNaN: true })),
        Birthdate: mostly(fc.constantFrom('2000-02-29', null)),
      },
    ),
  ),
  fc.tuple(
    fc.constant('Lead'),
    fields({ LastName: lee, Company: mostly(words) }, { Email: mostly(fc.emailAddress()) }),
  ),
  fc.tuple(fc.constant('Account'), fields({ Name: mostly(words) }, { NumberOfEmployees: mostly(fc.nat(99_999_999)) })),
  fc.tuple(objectNames, fc.dictionary(fieldNames, values, { maxKeys: 5 })),
);

test('a record is written or refused, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.constantFrom('POST', 'PATCH', 'Ext__c', 'Email', 'Number__c'),
      pathSegments,
      fc.nat(),
      async ([object, body], how, key, at) => {
        const { ids } = fuzz;
        const path = how === 'POST' ? '' : how === 'PATCH' ? `/${ids[at % ids.length]}` : `/${how}/${key}`;
        const method = how === 'POST' ? 'POST' : 'PATCH';
        const { status } = await fuzz.call(method, `/sobjects/${object}${path}`, JSON.stringify(body));
        expect([200, 201, 204, 300, 400, 403, 404, 405]).toContain(status);
      },
    ),
    propertyRuns(200),
  );
}, 60_000);

test('a collection has a result for each record, or is refused as a whole', async () => {
  const sent = fc.array(fc.tuple(records, fc.boolean(), fc.nat()), { maxLength: 4 });
  const lists = fc.oneof(
    {
      weight: 6,
      arbitrary: sent.map((list) =>
        list.map(([[type, body], hasId, at]) => ({
          attributes: { type },
          ...(hasId ? { id: fuzz.ids[at % fuzz.ids.length] } : {}),
          ...body,
        })),
      ),
    },
    { weight: 1, arbitrary: values },
  );
  const paths = fc.constantFrom('', '/Contact/Ext__c', '/Contact/Number__c');
  await fc.assert(
    fc.asyncProperty(
      paths,
      lists,
      fc.constantFrom('POST', 'PATCH'),
      fc.oneof(fc.boolean(), values),
      async (path, list, method, allOrNone) => {
        const body = JSON.stringify({ records: list, allOrNone });
        const answer = await fuzz.call(method, `/composite/sobjects${path}`, body);
        if (answer.status === 200) expect(answer.body).toHaveLength((list as unknown[]).length);
        else expect([400, 405]).toContain(answer.status);
      },
    ),
    propertyRuns(200),
  );
}, 60_000);

test('a body that is none is refused', async () => {
  const paths = [
    '/sobjects/Lead',
    '/composite/sobjects',
    '/composite/sobjects/Contact',
    '/composite',
    '/composite/batch',
  ];
  const bodies = fc.oneof(
    fc.string({ unit: 'binary' }),
    values.map((value) => JSON.stringify(value)),
    fc.constantFrom('['.repeat(5_000), '{"a":'.repeat(5_000), '\ufeff{}'),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), bodies, async (path, body) => {
      expect((await fuzz.call('POST', path, body)).status).toBe(400);
    }),
    propertyRuns(80),
  );
}, 60_000);

test('a body that is too large is 413', async () => {
  fuzz.org.sandbox.salesforce.vendor.org.changeSettings({ maxBodyBytes: 10_000 });

  const answer = await fuzz.call('POST', '/sobjects/Lead', JSON.stringify({ LastName: 'x'.repeat(10_000) }));

  fuzz.org.sandbox.salesforce.vendor.org.changeSettings({ maxBodyBytes: 50 * 1_048_576 });
  expect(answer).toMatchObject({ status: 413, body: [{ errorCode: 'REQUEST_ENTITY_TOO_LARGE' }] });
});

test('what was written can be read, whatever it is', async () => {
  for (const object of ['Contact', 'Account', 'Lead'])
    expect((await fuzz.call('GET', `/query?q=SELECT+FIELDS(ALL)+FROM+${object}+LIMIT+200`)).status).toBe(200);
});
