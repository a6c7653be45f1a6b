import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import { createTestDatabase } from '../support/database';
import { testTemporal } from '../support/temporal';

test('when two tests ask for a database, each gets its own with all tables in it', async () => {
  const databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const clients = databases.map(({ url }) => postgres(url, { max: 1 }));

  await clients[0]?.unsafe(`create table only_here (id int)`);
  const tables = await Promise.all(
    clients.map((sql) => sql<{ name: string }[]>`select table_name as name from information_schema.tables`),
  );
  await Promise.all(clients.map((sql) => sql.end()));
  await Promise.all(databases.map(({ drop }) => drop()));

  const names = tables.map((rows) => rows.map(({ name }) => name));
  expect(names[0]).toEqual(expect.arrayContaining(['only_here', 'syncs']));
  expect(names[1]).toContain('syncs');
  expect(names[1]).not.toContain('only_here');
});

test('the shared Temporal server answers in the namespace that tests use', async () => {
  const { address, namespace } = testTemporal();
  const connection = await Connection.connect({ address });

  const answer = await connection.workflowService.describeNamespace({ namespace });
  await connection.close();

  expect(answer.namespaceInfo?.name).toBe(namespace);
});
