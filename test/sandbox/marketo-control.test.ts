import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';

describe('the control API of a Marketo instance', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(async () => {
    await sandbox.stop();
  });

  const control = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${sandbox.controlUrl}/instances/marketo/default/vendor${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('when settings are asked for and changed, the vendor’s limits are the first ones', async () => {
    const before = await control('GET', '/settings');
    const changed = await control('PATCH', '/settings', { callsPerWindow: 0 });

    expect(before.body).toMatchObject({ callsPerWindow: 100, callsAtOnce: 10, callsPerDay: 50_000, statusStepMs: 0 });
    expect(changed.body).toMatchObject({ callsPerWindow: 0, callsAtOnce: 10 });
    expect((await control('PATCH', '/settings', { callsPerWindow: 'many' })).status).toBe(400);
  });

  test('when fields are added and changed, they are there at once; a second one of the name is refused', async () => {
    expect((await control('POST', '/fields', { name: 'memberNumber', dataType: 'integer' })).status).toBe(201);
    expect((await control('POST', '/fields', { name: 'memberNumber', dataType: 'integer' })).status).toBe(409);
    expect((await control('POST', '/fields', { name: 'x y', dataType: 'integer' })).status).toBe(400);
    expect((await control('PATCH', '/fields/memberNumber', { isHidden: true })).body).toMatchObject({ isHidden: true });
    expect((await control('PATCH', '/fields/nosuch', {})).status).toBe(404);
    expect((await control('GET', '/fields')).body.fields).toContainEqual(
      expect.objectContaining({ name: 'memberNumber', isCustom: true }),
    );
  });

  test('when custom objects, lists, partitions, programs, users and records are added, they can be used', async () => {
    const made = [
      await control('POST', '/custom-objects', {
        name: 'car_c',
        dedupeFields: ['vin'],
        fields: [{ name: 'vin', displayName: 'VIN', dataType: 'string' }],
      }),
      await control('POST', '/records', {
        object: 'leads',
        records: [{ email: 'r@example.org', createdAt: '2026-01-01T00:00:00Z' }],
      }),
      await control('POST', '/records', {
        object: 'companies',
        records: [{ externalCompanyId: 'C', company: 'C & D' }],
      }),
      await control('POST', '/lists', { name: 'L', members: [1] }),
      await control('POST', '/partitions', { name: 'EMEA' }),
      await control('POST', '/programs', { name: 'P' }),
      await control('POST', '/api-users', { clientId: 'c', clientSecret: 's' }),
      await control('POST', '/activity-types', { id: 100_001, name: 'Met' }),
    ];

    expect(made.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect((await control('GET', '/counts')).body).toEqual({ leads: 1, companies: 1 });
    expect((await control('POST', '/records', { object: 'leads', records: [{ nosuch: 1 }] })).status).toBe(409);
    expect((await control('POST', '/custom-objects', { name: 'x_c', dedupeFields: ['a'], fields: [] })).status).toBe(
      400,
    );
    expect((await control('GET', '/custom-objects')).body.customObjects).toHaveLength(1);
  });
});
