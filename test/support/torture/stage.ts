import type postgres from 'postgres';
import { type Definition, definition as definitionSchema } from '../../../src/domain/definition';
import type { Counts, ExecutionState, Outcome } from '../../../src/domain/outcome';
import { createRecordFiller } from '../../../src/sandbox/salesforce/record-filler';
import type { Sandbox } from '../../../src/sandbox/sandbox';
import type { World } from './world';

const DAY_MS = 86_400_000;

/** Forgets what was in both vendors, and fills them with a world. */
export function arrange({ clock, marketo, salesforce }: Sandbox, { direction, source, destination }: World): void {
  for (const host of [marketo, salesforce]) host.reset();
  clock.set(Math.max(Date.now(), clock.now() + 20_000));
  marketo.vendor.stores.settings.change({ jobMs: 0 });
  const [leads, contacts] = direction === 'toSalesforce' ? [source, destination] : [destination, source];
  // a second apart: both systems keep whole seconds
  const yesterday = Math.floor(clock.now() / 1_000) * 1_000 - DAY_MS;
  const at = (index: number) => yesterday + index * 1_000;
  marketo.vendor.stores.insertRecords(
    'leads',
    leads.map((person, index) => ({ ...person, createdAt: at(index), updatedAt: at(index) })),
  );
  const filler = createRecordFiller(salesforce.vendor.org, salesforce.vendor.setup.userReference);
  contacts.forEach(({ email, firstName, lastName, city }, index) => {
    const values = { Email: email, FirstName: firstName, LastName: lastName.slice(0, 80), MailingCity: city };
    filler.add('Contact', { values, createdAt: at(index), updatedAt: at(index) });
  });
}

const PAIRS = [
  ['email', 'Email'],
  ['firstName', 'FirstName'],
  ['lastName', 'LastName'],
  ['city', 'MailingCity'],
] as const;

/** The sync of a world, that runs at once. @param connections ids of both vendors' connections */
export function definitionOf(
  { direction, deduplicate, importRule }: World,
  connections: { marketo: string; salesforce: string },
): Definition {
  const lead = { connectionId: connections.marketo, object: 'Lead' };
  const contact = { connectionId: connections.salesforce, object: 'Contact' };
  const isToSalesforce = direction === 'toSalesforce';
  return definitionSchema.parse({
    name: 'Torture',
    source: isToSalesforce ? lead : contact,
    destination: isToSalesforce ? contact : lead,
    deduplicate,
    importRule,
    mappings: PAIRS.map(([left, right]) => ({
      from: { field: isToSalesforce ? left : right },
      to: isToSalesforce ? right : left,
    })),
    schedule: { type: 'now' },
  });
}

/** A run, with everything that the oracle looks at. */
export interface Ended {
  state: ExecutionState;
  counts: Counts;
  outcomes: Outcome[];
}

/** What the database says of an execution that has ended. */
export async function endedExecution(sql: postgres.Sql, executionId: string): Promise<Ended> {
  const [row] = await sql<{ state: ExecutionState; counts: Counts }[]>`
    select state, jsonb_build_object('read', read, 'filteredOut', filtered_out, 'duplicates', duplicates, 'created', created,
      'updated', updated, 'unchanged', unchanged, 'skipped', skipped, 'failed', failed) as counts
    from executions where execution_id = ${executionId}`;
  if (!row) throw new Error('The execution is gone.');
  const outcomes = await sql<Outcome[]>`
    select source_id as "sourceId", sort_key as "sortKey", match_key as "matchKey", outcome, reason, message, field,
      destination_id as "destinationId"
    from outcomes where execution_id = ${executionId} order by sort_key`;
  return { ...row, outcomes: [...outcomes] };
}
