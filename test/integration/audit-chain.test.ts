import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { type DatabaseClient, migrateDatabase, openDatabase } from '../../db/client';
import { noteAudit } from '../../db/queries/audit';
import { type ChainPlace, verifyAudit } from '../../db/queries/audit-chain';
import { runCli } from '../../src/cli/run';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

const MIGRATIONS = 'db/migrations';
const WRITERS = 8;
const ENTRIES_EACH = 25;

let own: TestDatabase;
let database: DatabaseClient;
beforeEach(async () => {
  own = await createTestDatabase();
  database = openDatabase(own.url);
});
afterEach(async () => {
  await database.close();
  await own.drop();
});

const verify = (noted: ChainPlace | null = null) => verifyAudit(database.sql, noted, new AbortController().signal);

/** Does what only the owner of the tables can do, past the triggers. */
const pastTheTriggers = (work: string) =>
  database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = 'replica'`;
    await tx.unsafe(work);
  });

const note = (subject: string, client = database) =>
  noteAudit(client.db, {
    who: 'somebody',
    address: '198.51.100.7',
    action: 'sync.change',
    subject,
    details: { b: 1, a: ['ä', 0.1] },
  });

async function givenEntries(count: number): Promise<string[]> {
  for (let at = 1; at <= count; at += 1) await note(`sync/${at}`);
  const rows = await database.sql<{ audit_id: string }[]>`select audit_id from audit_links order by position`;
  return rows.map(({ audit_id }) => audit_id);
}

test('several processes that write at once make one chain without a gap (ASVS 11.4.3, 16.4.2)', async () => {
  const clients = Array.from({ length: WRITERS }, () => openDatabase(own.url, { max: 3 }));

  await Promise.all(
    clients.flatMap((client) =>
      Array.from({ length: ENTRIES_EACH }, (_, at) =>
        client.db
          .transaction(async (tx) => {
            // entries of one transaction stand next to each other, one that is rolled back leaves none
            await noteAudit(tx, { who: 'one', address: null, action: 'sync.change', subject: `sync/${at}` });
            await noteAudit(tx, { who: 'two', address: null, action: 'sync.change', subject: `sync/${at}` });
            if (at % 5 === 0) tx.rollback();
          })
          .catch((error: unknown) => {
            if (at % 5 !== 0) throw error;
          }),
      ),
    ),
  );
  await Promise.all(clients.map(({ close }) => close()));

  const kept = WRITERS * ENTRIES_EACH * 0.8 * 2;
  const verification = await verify();
  expect(verification).toMatchObject({ earlierEntries: 0, end: { position: kept }, faults: [] });
  const pairs = await database.sql<{ who: string; subject: string }[]>`
    select who, subject from audit_links join audit using (audit_id) order by position`;
  for (let at = 0; at < pairs.length; at += 2) {
    expect([pairs[at]?.who, pairs[at + 1]?.who]).toEqual(['one', 'two']);
    expect(pairs[at]?.subject).toBe(pairs[at + 1]?.subject);
  }
}, 60_000);

test('transactions that note before and after they change the same row do not wait for each other', async () => {
  const [sync] = await database.sql<
    { sync_id: string }[]
  >`insert into syncs (name) values ('a sync') returning sync_id`;
  const id = sync?.sync_id ?? '';
  const noteOne = (tx: Parameters<typeof noteAudit>[0]) =>
    noteAudit(tx, { who: 'somebody', address: null, action: 'sync.change', subject: `sync/${id}` });
  const change = `update syncs set name = name where sync_id = '${id}'`;

  await Promise.all(
    Array.from({ length: 40 }, (_, at) =>
      database.db.transaction(async (tx) => {
        if (at % 2 === 0) await noteOne(tx);
        await tx.execute(change);
        if (at % 2 === 1) await noteOne(tx);
      }),
    ),
  );

  expect(await verify()).toMatchObject({ end: { position: 40 }, faults: [] });
});

test.each([
  ['who', `update audit set who = 'nobody' where audit_id = $id`],
  ['when', `update audit set at = at - interval '1 millisecond' where audit_id = $id`],
  ['what', `update audit set action = 'sync.cancel' where audit_id = $id`],
  ['whereof', `update audit set subject = 'sync/9' where audit_id = $id`],
  ['from where', `update audit set address = null where audit_id = $id`],
  ['details', `update audit set details = '{"a": ["ä", 0.1], "b": 2}' where audit_id = $id`],
])('an entry whose %s was changed by the owner of the tables is found and named (ASVS 16.4.2)', async (_, change) => {
  const ids = await givenEntries(5);

  await pastTheTriggers(change.replace('$id', `'${ids[2]}'`));

  expect((await verify()).faults).toEqual([{ problem: 'changed', position: 3, auditId: ids[2] }]);
});

test('an entry that the owner of the tables removed is found and named, the first and the last too', async () => {
  const ids = await givenEntries(5);

  await pastTheTriggers(`delete from audit where audit_id in ('${ids[0]}', '${ids[2]}', '${ids[4]}')`);

  expect((await verify()).faults).toEqual(
    [1, 3, 5].map((position) => ({ problem: 'removed', position, auditId: ids[position - 1] })),
  );
});

test.each([
  ['in the middle', [2, 3], { problem: 'missing', position: 2, auditId: null }],
  ['at the end', [4, 5], { problem: 'missing', position: 4, auditId: null }],
])('entries that went %s together with their places are missed', async (_, [from, to], fault) => {
  await givenEntries(5);
  const places = `audit_links where position between ${from} and ${to}`;

  await pastTheTriggers(`delete from audit where audit_id in (select audit_id from ${places}); delete from ${places}`);

  expect((await verify()).faults).toEqual([fault]);
});

test('an entry that was added past the chain, and an end that was put elsewhere, are found', async () => {
  const ids = await givenEntries(2);
  await pastTheTriggers(`insert into audit (who, action, subject) values ('nobody', 'sync.activate', 'sync/1')`);
  const [added] = await database.sql<{ audit_id: string }[]>`select audit_id from audit where who = 'nobody'`;

  expect((await verify()).faults).toEqual([{ problem: 'added', position: null, auditId: added?.audit_id }]);

  await pastTheTriggers(`
    delete from audit where audit_id in ('${ids[1]}', '${added?.audit_id}'); delete from audit_links where position = 2;
    update audit_chain set position = 1`);
  expect((await verify()).faults).toEqual([{ problem: 'endChanged', position: 1, auditId: null }]);
});

test('an audit that was written anew as a whole does not hold what was noted of it', async () => {
  await givenEntries(3);
  const { end } = await verify();

  await pastTheTriggers(`
    truncate audit, audit_links; update audit_chain set position = 0, hash = audit_origin(begun_at, earlier_entries)`);
  await givenEntries(4);

  expect((await verify()).faults).toEqual([]);
  expect((await verify(end)).faults).toEqual([{ problem: 'otherThanNoted', position: 3, auditId: null }]);
  expect((await verify((await verify()).end)).faults).toEqual([]);
});

test('places and end of the chain cannot be changed or removed by a query that passes no trigger by', async () => {
  await givenEntries(1);

  for (const query of [
    'update audit_links set position = 2',
    'delete from audit_links',
    'truncate audit_links',
    'delete from audit_chain',
  ]) {
    await expect(database.sql.unsafe(query)).rejects.toThrow('only ever added to');
  }
});

test('a long audit is verified in parts, and a fault at their border is found', async () => {
  await database.sql`
    insert into audit (who, action, subject) select 'somebody', 'sync.change', 'sync/' || n from generate_series(1, 20003) n`;

  expect(await verify()).toMatchObject({ end: { position: 20_003 }, faults: [] });

  await pastTheTriggers(`
    update audit set who = 'nobody' where audit_id in (select audit_id from audit_links where position in (10000, 20001));
    delete from audit_links where position = 20000`);
  const { faults } = await verify();
  expect(faults.filter(({ problem }) => problem !== 'added')).toEqual([
    { problem: 'changed', position: 10_000, auditId: expect.any(String) },
    { problem: 'missing', position: 20_000, auditId: null },
  ]);
}, 60_000);

/** Begins the database anew as a release had it that knew the migrations before one. @param first such as `0018` */
async function migrateUntil(first: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await cp(MIGRATIONS, folder, { recursive: true });
  const journalFile = join(folder, 'meta/_journal.json');
  const journal = JSON.parse(await readFile(journalFile, 'utf8')) as { entries: { tag: string }[] };
  const before = journal.entries.filter(({ tag }) => tag < first);
  await writeFile(journalFile, JSON.stringify({ ...journal, entries: before }));
  await database.sql.unsafe('drop schema public cascade; drop schema drizzle cascade; create schema public');
  await migrate(database.db, { migrationsFolder: folder });
  await rm(folder, { recursive: true });
}

test('entries from before the chain are counted as such, and those that came or went since are told', async () => {
  await migrateUntil('0018');
  // as the release of that time did
  await database.sql`insert into audit (who, action, subject) values ('somebody', 'sync.change', 'sync/1')`;
  await database.sql`insert into audit (who, action, subject) values ('somebody', 'sync.change', 'sync/2')`;

  await migrateDatabase(database, '2026-12-01');
  await note('sync/3');

  expect(await verify()).toMatchObject({ earlierEntries: 2, end: { position: 1 }, faults: [] });
  await pastTheTriggers(`delete from audit where subject = 'sync/1'`);
  expect((await verify()).faults).toEqual([{ problem: 'earlierChanged', position: null, auditId: null }]);
  await pastTheTriggers(`update audit_chain set earlier_entries = 1`);
  expect((await verify()).faults).toEqual([{ problem: 'changed', position: 1, auditId: expect.any(String) }]);
}, 60_000);

test('entries that were chained before they had an address, and those of a release that still writes none, stay right', async () => {
  await migrateUntil('0027');
  const asBefore = () =>
    database.sql`insert into audit (who, action, subject) values ('somebody', 'sync.change', 'sync/1')`;
  await asBefore();

  await migrateDatabase(database, '2026-12-01');
  await asBefore();
  await note('sync/2');

  expect(await verify()).toMatchObject({ earlierEntries: 0, end: { position: 3 }, faults: [] });
}, 60_000);

test('an admin verifies it by the API and by the command line, whose exit code tells', async () => {
  const connection = Connection.lazy({ address: testTemporal().address });
  const engine = new TemporalEngine(new Client({ connection }));
  const shared = { database, secretKeys: [randomBytes(32)] };
  const api = await RunningApi.start({ engine, allowedHosts: [], shared });
  const syncctl = async (...args: string[]) => {
    const output = new PassThrough();
    const exitCode = await runCli(['audit', 'verify', ...args], {
      environment: { SYNC_URL: api.url, SYNC_API_KEY: api.key },
      configFolder: tmpdir(),
      input: Readable.from([]),
      output,
      messages: new PassThrough(),
      isInteractive: false,
    });
    output.end();
    return { exitCode, out: await text(output) };
  };
  try {
    const ids = await givenEntries(2);
    const whole = await api.call('GET', '/audit/verification');
    const { position, hash } = whole.body.end as unknown as ChainPlace;
    const noted = await syncctl('--noted', `${position}:${hash}`);
    const other = await api.call('GET', `/audit/verification?noted=2:${'0'.repeat(64)}`);
    await pastTheTriggers(`delete from audit where audit_id = '${ids[0]}'`);
    const broken = await syncctl();

    expect(whole).toMatchObject({ status: 200, body: { isWhole: true, end: { position: 2 }, faults: [] } });
    expect(noted).toMatchObject({ exitCode: 0, out: expect.stringMatching(/Whole +yes/) });
    expect(other.body).toMatchObject({ isWhole: false, faults: [{ problem: 'otherThanNoted', position: 2 }] });
    expect(broken).toMatchObject({ exitCode: 1, out: expect.stringMatching(new RegExp(`removed +1 +${ids[0]}`)) });
    expect(await api.call('GET', '/audit/verification?noted=2:abc')).toMatchObject({ status: 422 });
  } finally {
    await api.stop();
    await connection.close();
  }
});
