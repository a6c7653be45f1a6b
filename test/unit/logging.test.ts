import { loggedError } from '../../src/logging';

test('when a query fails, its text is logged, and neither its values nor those that the driver adds (ASVS 16.3.4)', () => {
  const driver = Object.assign(new Error('duplicate key value violates unique constraint "connections_name"'), {
    code: '23505',
    detail: 'Key (name)=(jane.doe@example.com) already exists.',
    where: 'COPY staged_records, line 1: "jane.doe@example.com"',
  });
  const failed = Object.assign(new Error('Failed query: insert into x values ($1)\nparams: jane.doe@example.com'), {
    query: 'insert into x values ($1)',
    params: ['jane.doe@example.com'],
    cause: driver,
  });

  const logged = loggedError(failed);

  expect(JSON.stringify(logged)).not.toContain('jane.doe');
  expect(logged).toMatchObject({
    message: 'Failed query: insert into x values ($1)',
    cause: { code: '23505', message: expect.stringContaining('connections_name') },
  });
  expect(JSON.stringify(logged)).toContain('logging.test');
});

test('what is thrown without being an error is logged by its kind alone', () => {
  expect(loggedError('secret text')).toBe('string');
});
