import { addsUp, endState, type Outcome } from '../../../src/domain/outcome';
import type { Violation } from '../../../src/sandbox/core';
import type { InstanceHost } from '../../../src/sandbox/instance-host';
import type { Sandbox } from '../../../src/sandbox/sandbox';
import { marketoPeople, salesforceRows } from '../vendor-rows';
import type { Ended } from './stage';
import type { World } from './world';

/** All that can be seen of a run and of what it did, without what chance decides: Ids and moments. */
export interface Seen {
  ended: Ended;
  /** By Id: the values that the run writes. */
  destination: Map<string, string>;
  writes: { recordId: string; operation: string; after: string }[];
  /** What may never be, whatever happened. */
  broken: string[];
}

const COLUMNS = {
  toSalesforce: ['Email', 'FirstName', 'LastName', 'MailingCity'],
  toMarketo: ['email', 'firstName', 'lastName', 'city'],
} as const;

/** Looks at everything after a run has ended. @param allowed what a client may do although no good one does */
export async function look(
  sandbox: Sandbox,
  { direction, source }: World,
  ended: Ended,
  allowed: readonly Violation[],
): Promise<Seen> {
  const { marketo, salesforce } = sandbox;
  const host: InstanceHost = direction === 'toSalesforce' ? salesforce : marketo;
  const rows =
    direction === 'toSalesforce'
      ? await salesforceRows(salesforce, `SELECT Id, ${COLUMNS.toSalesforce.join(', ')} FROM Contact`)
      : marketoPeople(marketo);
  const valuesOf = (row: Record<string, unknown>) =>
    COLUMNS[direction].map((column) => String(row[column])).join(' | ');
  const destination = new Map(rows.map((row) => [String(row.Id ?? row.id), valuesOf(row)]));
  const writes = host
    .writeLog()
    .map(({ recordId, operation, after }) => ({ recordId, operation, after: JSON.stringify(after) }));
  return {
    ended,
    destination,
    writes,
    broken: [
      ...unread(source.length, ended),
      ...brokenRules(sandbox, ended, allowed),
      ...badWrites(writes),
      ...badNames(ended, destination),
    ],
  };
}

/** The same run undisturbed would not show what is lost each time. */
const unread = (people: number, { counts: { read } }: Ended): string[] =>
  read === people ? [] : [`${read} of ${people} people were read`];

function brokenRules(sandbox: Sandbox, { counts, outcomes }: Ended, allowed: readonly Violation[]): string[] {
  const broken = sandbox.defects.map(({ method, url, error }) => `the sandbox failed at ${method} ${url}: ${error}`);
  if (!addsUp(counts)) broken.push(`the counts do not add up: ${JSON.stringify(counts)}`);
  if (outcomes.length !== counts.read) broken.push(`${outcomes.length} outcomes of ${counts.read} records`);
  if (new Set(outcomes.map(({ sourceId }) => sourceId)).size !== outcomes.length)
    broken.push('a record has two outcomes');
  for (const host of [sandbox.marketo, sandbox.salesforce])
    for (const { violation, count } of host.violations())
      if (count > 0 && !allowed.includes(violation)) broken.push(`${host.kind}: ${count} times ${violation}`);
  return broken;
}

/** A record is created once, and written again only with what was written before. */
function badWrites(writes: Seen['writes']): string[] {
  const broken: string[] = [];
  const last = new Map<string, string>();
  for (const { recordId, operation, after } of writes) {
    if (operation === 'create' && last.has(recordId)) broken.push(`${recordId} was created twice`);
    if (operation === 'delete') broken.push(`${recordId} was deleted`);
    last.set(recordId, after);
  }
  return broken;
}

/** Each outcome that names a record of the destination names that of its key. */
function badNames({ outcomes }: Ended, destination: Seen['destination']): string[] {
  return outcomes.flatMap(({ sourceId, outcome, matchKey, destinationId }) => {
    if (outcome !== 'created' && outcome !== 'updated' && outcome !== 'unchanged') return [];
    if (destinationId === null) return [`${sourceId} was ${outcome} without a name`];
    const values = destination.get(destinationId);
    if (values === undefined) return [`${sourceId} was ${outcome} as ${destinationId}, which is not there`];
    const isOfKey = matchKey === null || values.toLowerCase().startsWith(`${matchKey} |`);
    return isOfKey ? [] : [`${sourceId} was ${outcome} as ${destinationId}, which is ${values}`];
  });
}

const MOST_LINES = 12;

/**
 * What an undisturbed run would have been, had the people without a key whose fate nobody could find out not been created: of such
 * a person Marketo's activity log alone tells, and where it does not, nothing is repeated (ADR 012).
 */
function withDoubts(expected: Seen, { ended }: Seen, { direction }: World): Seen {
  const isInDoubt = ({ reason, matchKey }: Outcome) => reason === 'inDoubt' && matchKey === null;
  const doubtful = new Set(ended.outcomes.filter(isInDoubt).map(({ sourceId }) => sourceId));
  if (direction === 'toSalesforce' || doubtful.size === 0) return expected;
  const destination = new Map(expected.destination);
  const outcomes = expected.ended.outcomes.map((outcome): Outcome => {
    if (!doubtful.has(outcome.sourceId) || outcome.outcome !== 'created') return outcome;
    destination.delete(String(outcome.destinationId));
    return { ...outcome, outcome: 'failed', reason: 'inDoubt' };
  });
  const counts = { ...expected.ended.counts };
  counts.created -= doubtful.size;
  counts.failed += doubtful.size;
  return { ...expected, destination, ended: { state: endState(counts), counts, outcomes } };
}

/** How a run differs from the same one without disturbance: nothing, or there is a fault to find. */
export function differences(undisturbed: Seen, seen: Seen, world: World): string[] {
  const expected = withDoubts(undisturbed, seen, world);
  const lines = [...seen.broken];
  const told = (what: string, before: unknown, after: unknown) => {
    if (before !== after) lines.push(`${what}: ${before} → ${after}`);
  };
  told('state', expected.ended.state, seen.ended.state);
  told('counts', JSON.stringify(expected.ended.counts), JSON.stringify(seen.ended.counts));
  const outcomes = (of: Seen) =>
    new Map(
      of.ended.outcomes.map(({ sourceId, outcome, reason, field }) => [sourceId, `${outcome} ${reason} ${field}`]),
    );
  const now = outcomes(seen);
  for (const [sourceId, outcome] of outcomes(expected)) told(`record ${sourceId}`, outcome, now.get(sourceId));
  const sorted = (of: Seen) => [...of.destination.values()].sort();
  const [before, after] = [sorted(expected), sorted(seen)];
  lines.push(...missing(before, after).map((values) => `lost: ${values}`));
  lines.push(...missing(after, before).map((values) => `too many: ${values}`));
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more`] : lines;
}

/** What the first list has more often than the second. */
function missing(from: readonly string[], to: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const item of to) left.set(item, (left.get(item) ?? 0) + 1);
  return from.filter((item) => {
    const times = left.get(item) ?? 0;
    left.set(item, times - 1);
    return times <= 0;
  });
}
