import { openExecution, readExecution, takeOver } from '../../db/queries/executions';
import { appendOutcomes } from '../../db/queries/ledger';
import { leaveOutDuplicates, type StagedRow, saveParts, stagedAfter, stagePage } from '../../db/queries/staging';
import { DEDUPLICATE_RULES, type DeduplicateRule } from '../../src/domain/definition';
import { givenSync, useDatabase } from '../support/database';
import fc from '../support/fast-check';
import { propertyRuns } from '../support/property-runs';

const CASES = 60;

const client = useDatabase();

/** A source record as the rules see it. */
interface Candidate {
  /** Its place in source order, byte by byte. */
  id: string;
  key: string | null;
  createdAt: string | null;
  updatedAt: string | null;
}

/** What becomes of a record that was read: its round, or the record that is kept instead of it (null: none is). */
type Fate = { round: number } | { leftOutFor: string | null };

/** The rules in plain words of code, over all records of a sync at once. */
function fatesOf(rule: DeduplicateRule, read: readonly Candidate[], unread: readonly Candidate[]): Map<string, Fate> {
  const inOrder = (records: readonly Candidate[]) => [...records].sort((one, other) => bytes(one.id, other.id));
  const fates = new Map<string, Fate>();
  for (const record of inOrder(read)) {
    const rivals = inOrder([...read, ...unread].filter(({ key }) => key !== null && key === record.key));
    if (rivals.length < 2) fates.set(record.id, { round: 1 });
    else if (rule === 'importEverything') {
      const earlier = read.filter(({ id, key }) => key === record.key && bytes(id, record.id) < 0);
      fates.set(record.id, { round: earlier.length + 1 });
    } else if (rule === 'ignoreDuplicates') fates.set(record.id, { leftOutFor: null });
    else {
      const kept = rivals.reduce((best, rival) => (beats(rule, rival, best) ? rival : best));
      fates.set(record.id, kept.id === record.id ? { round: 1 } : { leftOutFor: kept.id });
    }
  }
  return fates;
}

const bytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Whether a record that comes later in source order is kept instead of an earlier one: a tie goes to the first. */
function beats(rule: DeduplicateRule, later: Candidate, earlier: Candidate): boolean {
  const [mine, theirs] =
    rule === 'youngestByLastUpdate' ? [later.updatedAt, earlier.updatedAt] : [later.createdAt, earlier.createdAt];
  if (mine === null) return false;
  if (theirs === null) return true;
  return rule === 'youngestByLastUpdate' ? mine > theirs : mine < theirs;
}

const instant = fc.constantFrom(
  null,
  '2026-01-01T00:00:00.000Z',
  '2026-01-01T00:00:00.001Z',
  '2026-03-29T01:00:00.000Z',
);
const candidates = fc.uniqueArray(
  fc.record({
    // capitals come before small letters, and digits before both
    id: fc.string({ unit: fc.constantFrom('0', '9', 'A', 'Z', 'a', 'z'), minLength: 1, maxLength: 3 }),
    key: fc.constantFrom(null, 'ann@example.com', 'ben@example.com', 'ß', '12.5'),
    createdAt: instant,
    updatedAt: instant,
    // where it stands: read now, read and left out by the filter, known from an earlier run, or forgotten since
    is: fc.constantFrom('read', 'read', 'read', 'filteredOut', 'known', 'readAndKnown', 'forgotten'),
    page: fc.nat({ max: 2 }),
  }),
  { maxLength: 14, selector: ({ id }) => id },
);

/** Stands for the keyed hash of a key. */
const hashOf = (key: string | null) => (key === null ? null : `hash of ${key}`);

const stagedRow = ({ id, key, createdAt, updatedAt }: Candidate): StagedRow => ({
  sortKey: id,
  sourceId: id,
  matchKey: key,
  keyHash: hashOf(key),
  createdAt,
  updatedAt,
  body: '[]',
});

async function givenAttempt() {
  const syncId = await givenSync(client.sql);
  // there are partitions for the days around today alone
  const asOf = new Date().toISOString();
  const { executionId, stagedOn } = await openExecution(client.sql, {
    syncId,
    number: 1,
    trigger: 'now',
    scheduledFor: asOf,
    asOf,
  });
  const { epoch } = await takeOver(client.sql, executionId);
  return { syncId, attempt: { executionId, epoch, stagedOn } };
}

async function know(syncId: string, { id, key, createdAt, updatedAt }: Candidate, digest: number | null) {
  await client.sql`
    insert into sync_records (sync_id, sort_key, source_id, key_hash, created_at, updated_at, digest)
    values (${syncId}, ${id}, ${id}, ${hashOf(key)}, ${createdAt}, ${updatedAt}, ${digest})`;
}

test('whatever the records, the database keeps those that the rule keeps', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...DEDUPLICATE_RULES),
      candidates,
      fc.boolean(),
      async (rule, records, readsChanges) => {
        const { syncId, attempt } = await givenAttempt();
        const isStaged = ({ is }: (typeof records)[number]) => is.startsWith('read') || is === 'filteredOut';
        await saveParts(client.sql, attempt, [{ part: 0, cursor: {}, sourceIds: null }]);
        for (const page of [0, 1, 2]) {
          const rows = records.filter((record) => isStaged(record) && record.page === page).map(stagedRow);
          await stagePage(client.sql, attempt, 0, { rows, next: page < 2 ? {} : null, total: null });
        }
        const filteredOut = records.filter(({ is }) => is === 'filteredOut');
        await client.sql.begin((tx) =>
          appendOutcomes(
            tx,
            attempt,
            filteredOut.map((record) => ({
              ...stagedRow(record),
              outcome: 'filteredOut' as const,
              reason: null,
              message: null,
              field: null,
              destinationId: null,
            })),
          ),
        );
        for (const record of records) {
          if (record.is === 'known' || record.is === 'readAndKnown') await know(syncId, record, 1);
          if (record.is === 'forgotten') await know(syncId, record, null);
        }
        const read = records.filter(({ is }) => is === 'read' || is === 'readAndKnown');
        const unread = readsChanges ? records.filter(({ is }) => is === 'known') : [];
        const expected = fatesOf(rule, read, unread);
        const leftOut = [...expected].flatMap(([id, fate]) => ('leftOutFor' in fate ? [{ id, ...fate }] : []));

        const index = readsChanges ? { syncId, key: 'key_hash' as const } : null;
        expect(await leaveOutDuplicates(client.sql, attempt, rule, index)).toBe(leftOut.length);
        expect(await leaveOutDuplicates(client.sql, attempt, rule, index)).toBe(0);

        const execution = await readExecution(client.sql, attempt.executionId);
        expect(execution.counts).toMatchObject({ duplicates: leftOut.length, filteredOut: filteredOut.length });
        const rest = await stagedAfter(client.sql, execution, null, 100);
        expect(rest.map(({ sourceId, round }) => [sourceId, round])).toEqual(
          [...expected].flatMap(([id, fate]) => ('round' in fate ? [[id, fate.round]] : [])),
        );
        const listed = await client.sql<{ source_id: string; message: string }[]>`
          select source_id, message from outcomes where execution_id = ${attempt.executionId} and outcome = 'duplicate'
          order by sort_key`;
        expect(listed.map(({ source_id }) => source_id)).toEqual(leftOut.map(({ id }) => id));
        for (const [index, { leftOutFor }] of leftOut.entries()) {
          if (leftOutFor !== null) expect(listed[index]?.message).toBe(`Record ${leftOutFor} is kept.`);
        }
      },
    ),
    propertyRuns(CASES),
  );
}, 300_000);
