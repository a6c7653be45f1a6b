import type { Source } from '../../peers/vendors';
import { atMost } from '../mark';
import { sumOf } from '../measured-run';
import type { Bench, Part } from '../part';
import { WaitingSync } from '../waiting-sync';

/** Of a million. */
const RECORDS = 100_000;
const TARGET = 'salesforce/target';

/** A run of what has changed where nothing has, after a run that has read everything. */
export const changedOnly: Part = {
  name: 'changed-only',
  marks: [
    { what: 'nothing changed in Salesforce: calls', figure: 'salesforceCalls', unit: '', goal: atMost(5) },
    { what: 'nothing changed in Salesforce: time', figure: 'salesforceSeconds', unit: 's', digits: 2, goal: atMost(3) },
    { what: 'nothing changed in Salesforce: history', figure: 'salesforceEvents', unit: 'events', goal: atMost(60) },
    { what: 'nothing changed in Marketo: calls', figure: 'marketoCalls', unit: '', goal: atMost(12) },
    {
      what: 'nothing changed in Marketo: time, its jobs having no steps to wait for',
      figure: 'marketoSeconds',
      unit: 's',
      digits: 2,
      goal: atMost(3),
    },
    { what: 'nothing changed in Marketo: history', figure: 'marketoEvents', unit: 'events' },
  ],
  measure: (session) =>
    session.withPeople(session.scaled(RECORDS), ['salesforce/default', 'marketo/default'], (bench) =>
      session.eachRun(async () => {
        const [salesforce, marketo] = [await idleRun(bench, 'salesforce'), await idleRun(bench, 'marketo')];
        return {
          figures: { ...salesforce.figures, ...marketo.figures },
          details: { ...salesforce.details, ...marketo.details },
        };
      }),
    ),
};

async function idleRun(bench: Bench, kind: 'salesforce' | 'marketo') {
  await bench.vendors.empty(TARGET);
  const from: Source = `${kind}/default`;
  const sync = await WaitingSync.activate(bench, { from, to: TARGET }, { records: 'changed' });
  await sync.run();
  const { execution, seconds, calls, events } = await sync.run();
  if (execution.counts.read > 0)
    throw new Error(`${execution.counts.read} records were read, though none had changed.`);
  const all = sumOf(calls, () => true);
  return {
    figures: { [`${kind}Calls`]: all, [`${kind}Seconds`]: seconds, [`${kind}Events`]: events },
    details: Object.fromEntries(calls),
  };
}
