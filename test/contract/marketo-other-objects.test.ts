import type { WriteRecord } from '../../src/connectors/connector';
import type { ObjectDescription, Values } from '../../src/domain/object-description';
import { batchOf, equals, idsOf, readAll, requestFor, signal, useMarketo, valuesAt } from '../support/marketo-rig';

const rig = useMarketo();
let connector: ReturnType<typeof rig.connect>;
let member: ObjectDescription;
let programId: number;

beforeEach(async () => {
  rig.marketo.vendor.stores.settings.change({ jobMs: 0 });
  rig.givenPeople(['ada', 'ben', 'cleo'].map((name) => ({ email: `${name}@example.com` })));
  programId = rig.marketo.vendor.programs.add({ name: 'Spring webinar' }).id;
  connector = rig.connect({ firstPollMs: 1, secondPollMs: 120 });
  member = await connector.describe(`ProgramMember:${programId}`, signal);
});
afterEach(() => expect(rig.brokenRules()).toEqual([]));

const record = (leadId: string, values: Values): WriteRecord => ({ destinationId: null, key: leadId, values });
const write = (operation: 'create' | 'update', ...records: WriteRecord[]) =>
  connector.write(batchOf(member, { operation, matchField: 'leadId', records }), null, signal);
const update = (leadId: string, values: Values) => write('update', { destinationId: leadId, key: leadId, values });
const stored = (leadId: number) => rig.marketo.vendor.programs.member(programId, leadId)?.values;

test('the members of each program are listed as an object, named after the program', async () => {
  rig.marketo.vendor.programs.add({ name: 'Autumn fair' });

  const listed = (await connector.objects(signal)).filter(({ name }) => name.startsWith('ProgramMember'));

  expect(listed).toEqual([
    { name: `ProgramMember:${programId}`, label: 'Program member: Spring webinar', readable: true, writable: true },
    { name: `ProgramMember:${programId + 1}`, label: 'Program member: Autumn fair', readable: true, writable: true },
  ]);
});

test('an API user without the permission for assets is listed no programs, and all other objects', async () => {
  rig.marketo.addFault({ match: { path: '*/programs.json' }, action: { type: 'vendorError', code: '603' } });

  const names = (await connector.objects(signal)).map(({ name }) => name);

  expect(names).toContain('Lead');
  expect(names.filter((name) => name.startsWith('ProgramMember'))).toEqual([]);
});

test('a member is known by its person; its status can be written although the description says otherwise', async () => {
  const field = (name: string) => member.fields.find((candidate) => candidate.name === name);

  expect(member).toMatchObject({ idField: 'leadId', idOrder: 'number', readableAsWhole: true, keyFields: ['leadId'] });
  expect(field('leadId')).toMatchObject({
    type: 'id',
    required: true,
    createable: true,
    updateable: false,
    matchable: true,
  });
  expect(field('statusName')).toMatchObject({ required: true, createable: true, updateable: true });
  expect(field('webinarScore')).toMatchObject({ type: 'integer', createable: true, updateable: true });
  expect(field('reachedSuccess')).toMatchObject({ type: 'boolean', createable: false, updateable: false });
});

test('without a program, or with one that is not there, it says what is needed', async () => {
  const unknown = { code: 'UNKNOWN_OBJECT', advice: { retry: 'never' } };

  await expect(connector.describe('ProgramMember', signal)).rejects.toMatchObject(unknown);
  await expect(connector.describe('ProgramMember', signal)).rejects.toThrow(
    /Add the program's id, as in ProgramMember:1005/,
  );
  await expect(connector.describe('ProgramMember:99', signal)).rejects.toMatchObject(unknown);
});

test('people become members with a status and what else is told of them', async () => {
  const results = await write(
    'create',
    record('1', { leadId: '1', statusName: 'Invited', registrationCode: 'R-1', webinarScore: 7 }),
    record('2', { statusName: 'Registered' }),
    record('3', { statusName: 'Invited' }),
  );

  expect(results).toEqual(['1', '2', '3'].map((destinationId) => ({ result: 'created', destinationId })));
  expect(stored(1)).toMatchObject({ statusName: 'Invited', registrationCode: 'R-1', webinarScore: 7 });
  expect(stored(2)).toMatchObject({ statusName: 'Registered' });
  // a call for each status, and one for the fields
  expect(rig.calls(/members\/status\.json/)).toBe(2);
});

test('a member is moved on and its fields are changed or cleared, each alone or together', async () => {
  await write(
    'create',
    record('1', { statusName: 'Invited', registrationCode: 'R-1' }),
    record('2', { statusName: 'Invited' }),
  );

  const moved = await update('1', { statusName: 'Attended', registrationCode: null });
  const changed = await update('2', { webinarScore: 3 });

  expect([...moved, ...changed].map(({ result }) => result)).toEqual(['updated', 'updated']);
  expect(stored(1)).toMatchObject({ statusName: 'Attended', reachedSuccess: true });
  expect(stored(1)).not.toHaveProperty('registrationCode');
  expect(stored(2)).toMatchObject({ statusName: 'Invited', webinarScore: 3 });
});

test('each refused record fails by itself, naming the field and what is wrong', async () => {
  await write('create', record('1', { statusName: 'Attended' }));

  const created = await write(
    'create',
    record('99', { statusName: 'Invited' }),
    record('2', { statusName: 'Dancing' }),
    record('3', { statusName: 'Invited', webinarScore: 'many' }),
    record('ada@example.com', { statusName: 'Invited' }),
    record('2', { statusName: ' ' }),
  );
  const [back] = await update('1', { statusName: 'Invited' });
  const [gone] = await update('2', { webinarScore: 1 });

  expect(created).toMatchObject([
    { result: 'failed', code: '1004', field: 'leadId' },
    { result: 'failed', code: '1025', field: 'statusName', message: 'The program has no such status.' },
    { result: 'failed', field: 'webinarScore' },
    { result: 'failed', code: 'notAPerson', field: 'leadId' },
    { result: 'failed', code: 'required', field: 'statusName' },
  ]);
  expect(back).toMatchObject({ result: 'failed', code: '1037', field: 'statusName' });
  expect(gone).toMatchObject({ result: 'notFound' });
  expect(stored(1)).toMatchObject({ statusName: 'Attended' });
});

test('what is refused without a call is foretold', () => {
  const records = [record('1', { statusName: 'Invited' }), record('x', { statusName: 'Invited' }), record('2', {})];

  const refusals = connector.refusals(batchOf(member, { operation: 'create', matchField: 'leadId', records }));

  expect(refusals).toMatchObject([null, { code: 'notAPerson' }, { code: 'required' }]);
});

test('when the answer is lost, what arrived is known as ours, and sending it again does no harm', async () => {
  const records = [record('1', { statusName: 'Invited', webinarScore: 5 }), record('2', { statusName: 'Registered' })];
  const batch = batchOf(member, {
    operation: 'create',
    matchField: 'leadId',
    records,
    sentAt: new Date(connector.deps.now()).toISOString(),
  });
  await connector.write(batch, null, signal);

  const settled = await connector.settle(batch, null, signal);
  const again = await connector.write(batch, null, signal);
  const moved = await update('2', { statusName: 'Registered' });

  expect(settled).toMatchObject({ results: [{ result: 'created' }, { result: 'created' }] });
  expect(again).toMatchObject([
    { result: 'exists', destinationId: '1' },
    { result: 'exists', destinationId: '2' },
  ]);
  expect(moved).toMatchObject([{ result: 'updated' }]);
});

test('members are looked up by their persons', async () => {
  await write('create', record('1', { statusName: 'Invited' }), record('3', { statusName: 'Attended' }));

  const request = { object: member, field: 'leadId', keys: ['1', '2', '3', 'nobody'], fields: ['statusName'] };
  const found = await connector.findByKey(request, signal);

  expect(found.map(({ destinationId, values }) => [destinationId, values.statusName])).toEqual([
    ['1', 'Invited'],
    ['3', 'Attended'],
  ]);
});

test('members are exported as a whole, with true and false as such; by persons they are asked for', async () => {
  await write(
    'create',
    record('1', { statusName: 'Invited', registrationCode: 'A, "B"' }),
    record('2', { statusName: 'Attended' }),
  );
  const fields = ['leadId', 'statusName', 'reachedSuccess', 'registrationCode'];

  const all = await readAll(connector, requestFor(member, fields));
  const one = await readAll(connector, requestFor(member, fields, { filter: equals('leadId', '2') }));

  expect(all.map(({ sourceId, values }) => [sourceId, ...values])).toEqual([
    ['1', '1', 'Invited', false, 'A, "B"'],
    ['2', '2', 'Attended', true, null],
  ]);
  expect(all[0]?.updatedAt).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.000Z$/);
  expect(one.map(({ sourceId }) => sourceId)).toEqual(['2']);
  expect(connector.splitFilter(requestFor(member, fields)).query).toContain(
    `/bulk/v1/program/members/export/create.json with {"fields":["leadId","createdAt","updatedAt",`,
  );
});

describe('companies, opportunities and custom objects', () => {
  test('companies are walked by their ids, gaps included, until many blocks are empty', async () => {
    const { companies } = rig.marketo.vendor.stores;
    rig.marketo.vendor.stores.insertRecords(
      'companies',
      Array.from({ length: 2_000 }, (_, index) => ({ externalCompanyId: `C-${index}`, company: `Company ${index}` })),
    );
    for (let id = 100; id < 1_500; id += 1) {
      const row = companies.get(id);
      if (row) companies.remove(row);
    }
    const company = await rig.connect().describe('Company', signal);

    const records = await readAll(rig.connect({ emptyBlocks: 6 }), requestFor(company, ['externalCompanyId']));

    expect(records).toHaveLength(600);
    expect(idsOf(records)).toHaveLength(600);
  });

  test('opportunities need a filter on a key, and are read by it', async () => {
    const connector = rig.connect();
    const opportunity = await connector.describe('Opportunity', signal);
    const records = ['O-1', 'O-2', 'O-3'].map((key) => ({
      destinationId: null,
      key,
      values: { externalOpportunityId: key, name: `Deal ${key}` },
    }));
    const results = await connector.write(
      batchOf(opportunity, { matchField: 'externalOpportunityId', records }),
      null,
      signal,
    );
    expect(results).toMatchObject([{ result: 'created' }, { result: 'created' }, { result: 'created' }]);

    expect(opportunity).toMatchObject({ readableAsWhole: false, idOrder: 'bytes', idField: 'marketoGUID' });
    expect(() => connector.splitFilter(requestFor(opportunity, ['name']))).toThrow(
      expect.objectContaining({ code: 'NEEDS_KEY_FILTER', advice: { retry: 'never' } }),
    );
    const filter = { column: 'externalOpportunityId', operator: 'in' as const, value: ['O-1', 'O-3', 'O-9'] };
    expect(valuesAt(await readAll(connector, requestFor(opportunity, ['name'], { filter })))).toEqual([
      'Deal O-1',
      'Deal O-3',
    ]);
  });

  test('custom objects that belong to people are exported as a whole, others need a key', async () => {
    const { stores } = rig.marketo.vendor;
    const control = await fetch(`${rig.sandbox.controlUrl}/instances/marketo/default/vendor/custom-objects`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        name: 'contract_c',
        dedupeFields: ['number'],
        leadField: 'leadId',
        fields: [
          { name: 'number', displayName: 'Number', dataType: 'string', length: 50 },
          { name: 'leadId', displayName: 'Lead', dataType: 'integer' },
        ],
      }),
    });
    expect(control.status).toBe(201);
    const connector = rig.connect();
    const contract = await connector.describe('contract_c', signal);
    const records = ['K-1', 'K-2'].map((key, index) => ({
      destinationId: null,
      key,
      values: { number: key, leadId: index + 1 },
    }));
    await connector.write(batchOf(contract, { matchField: 'number', records }), null, signal);

    expect((await connector.objects(signal)).map(({ name }) => name)).toContain('contract_c');
    expect(contract.readableAsWhole).toBe(true);
    expect(valuesAt(await readAll(connector, requestFor(contract, ['number', 'leadId'])))).toEqual(['K-1', 'K-2']);

    stores.settings.change({ updatedAtFilter: false });
    await expect(readAll(rig.connect(), requestFor(contract, ['number']))).rejects.toMatchObject({
      code: 'NEEDS_KEY_FILTER',
    });
    const byKey = { filter: equals('number', 'K-2') };
    expect(valuesAt(await readAll(rig.connect(), requestFor(contract, ['number'], byKey)))).toEqual(['K-2']);
  });
});
