import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DISK_FULL_TEXT } from '../../src/domain/disk-space';
import { MarketoSyncs } from '../support/marketo-syncs';

const PEOPLE = 1_500;
const TABLESPACE = 'small_disk';
/** Days of which one is that of the run, though it be midnight just now. */
const DAYS = [0, 1].map((days) =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', ''),
);

/** A real disk of the database that is nearly full, and can be made larger. */
class SmallDisk {
  private constructor(private readonly folder: string) {}

  /** @returns null where this user may mount nothing */
  static mount(): SmallDisk | null {
    if (process.getuid?.() !== 0) return null;
    const folder = mkdtempSync(join(tmpdir(), 'sync-disk-'));
    const idOf = (flag: string) => execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }).trim();
    try {
      const options = `size=128k,mode=700,uid=${idOf('-u')},gid=${idOf('-g')}`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      rmSync(folder, { recursive: true });
      return null; // a container without the right to mount
    }
  }

  get path(): string {
    return this.folder;
  }

  makeRoom(): void {
    execFileSync('mount', ['-o', 'remount,size=64m', this.folder]);
  }

  unmount(): void {
    execFileSync('umount', [this.folder]);
    rmSync(this.folder, { recursive: true });
  }
}

const disk = SmallDisk.mount();
const onSmallDisk = disk ? test.each : test.skip.each;
let syncs: MarketoSyncs;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: PEOPLE });
}, 60_000);

afterAll(async () => {
  const { sql } = syncs.sync.database;
  for (const kind of ['table', 'index']) {
    const rows = await sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_tablespace t on t.oid = c.reltablespace
      where t.spcname = ${TABLESPACE} and c.relkind = ${kind === 'table' ? 'r' : 'i'}`;
    for (const { name } of rows) await sql.unsafe(`alter ${kind} ${name} set tablespace pg_default`);
  }
  if (disk) await sql.unsafe(`drop tablespace if exists ${TABLESPACE}`);
  await syncs.stop();
  disk?.unmount();
});

onSmallDisk([
  ['what has become of what was sent', ['outcomes']],
  ['what is read', DAYS.map((day) => `staged_records_${day}`)],
])(
  'when the disk of the database is full for %s, the sync needs attention, and goes on with nothing lost or twice',
  async (_what, tables) => {
    const { sql } = syncs.sync.database;
    const [space] = await sql`select 1 from pg_tablespace where spcname = ${TABLESPACE}`;
    if (!space) await sql.unsafe(`create tablespace ${TABLESPACE} location '${disk?.path}'`);
    for (const table of tables) {
      await sql.unsafe(`truncate ${table}`);
      await sql.unsafe(`alter table ${table} set tablespace ${TABLESPACE}`);
    }
    syncs.reset();
    const syncId = await syncs.activated();

    const { problem, lastExecution } = await syncs.until(syncId, ({ status }) => status === 'needsAttention');
    expect(problem).toBe(DISK_FULL_TEXT);
    expect(lastExecution).toMatchObject({ state: 'running', problem: DISK_FULL_TEXT });

    disk?.makeRoom();
    expect(await syncs.control(syncId, 'resume')).toMatchObject({ status: 202 });
    const ended = await syncs.until(syncId, ({ status }) => status === 'completed');

    expect(ended.lastExecution).toMatchObject({ state: 'succeeded', counts: { read: PEOPLE, created: PEOPLE } });
    expect(syncs.target.vendor.stores.leads.count()).toBe(PEOPLE);
    for (const table of tables) await sql.unsafe(`alter table ${table} set tablespace pg_default`);
    if (disk) execFileSync('mount', ['-o', 'remount,size=128k', disk.path]);
  },
);
