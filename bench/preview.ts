/**
 * `npm run bench -- preview [PEOPLE]`: so many Marketo people (default 100,000) are previewed in full against Salesforce's contacts. Then
 * the same sync runs twice, and is previewed again; the second run reads, looks up and compares, and has next to nothing to write. Prints
 * what each phase of the four took: the second preview should need no longer than the second run, with which it has all but the writing in
 * common. The first one has much to tell, and programs to warm up.
 */
import { PART_NAMES } from '../src/local/supervised-part';
import { loadText } from './cpu';
import { Everything } from './everything';
import type { ActivitySpan } from './history';

const people = Number(process.argv[2] ?? 100_000);

/** Runs some work when Marketo's limit leaves room, and prints what it took as a whole. */
async function timed<T>(everything: Everything, what: string, work: () => Promise<T>): Promise<T> {
  await everything.untilMarketoForgets();
  const before = await everything.cpu();
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const after = await everything.cpu();
  const cpu = PART_NAMES.map((part) => `${part} ${(after[part] - before[part]).toFixed(1)} s`);
  console.log(`${what}: ${seconds.toFixed(1)} s; CPU: ${cpu.join(', ')}; ${loadText()}`);
  return result;
}

function printPhases(columns: Record<string, readonly ActivitySpan[]>): void {
  const names = [...new Set(Object.values(columns).flatMap((spans) => spans.map(({ name }) => name)))];
  console.log(['phase', ...Object.keys(columns)].map((cell) => cell.padEnd(14)).join(''));
  for (const name of [...names, 'all']) {
    const cells = Object.values(columns).map((spans) => {
      const own = spans.filter((span) => name === 'all' || span.name === name);
      return own.length === 0 ? '' : `${own.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)} s`;
    });
    console.log([name, ...cells].map((cell) => cell.padEnd(14)).join(''));
  }
}

/** Previews in full, prints the plan, and returns the id of the workflow. */
async function timedPreview(everything: Everything, syncId: string, what: string): Promise<string> {
  const { id, read, plan } = await timed(everything, what, () => everything.preview(syncId));
  console.log(`  ${read} read, ${JSON.stringify(plan)}`);
  return `preview/${id}`;
}

async function measurePreview(everything: Everything): Promise<void> {
  const syncId = await everything.savedSync();
  const first = await timedPreview(everything, syncId, 'preview');
  for (const [index, what] of ['first run', 'second run'].entries()) {
    const { counts } = await timed(everything, what, () => everything.run(syncId, index + 1));
    console.log(`  ${JSON.stringify(counts)}`);
  }
  const again = await timedPreview(everything, syncId, 'preview again');
  const spans = async (workflowId: string) => (await everything.history(workflowId)).spans;
  printPhases({
    preview: await spans(first),
    'first run': await spans(`sync/${syncId}/execution/1`),
    'second run': await spans(`sync/${syncId}/execution/2`),
    'preview again': await spans(again),
  });
}

Everything.with(people, measurePreview).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
