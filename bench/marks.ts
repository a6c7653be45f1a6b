/**
 * `npm run bench -- marks [--only PART,...] [--runs N] [--records N] [--fresh]`: measures Sync against its marks, part by part, each so
 * many times (default 3), with a million records unless told otherwise; then prints one table of medians. What has been measured is kept
 * in `.sync/bench-marks.jsonl`: a run that was stopped goes on; with `--fresh` the chosen parts begin anew.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Diary } from './diary';
import { tableOf } from './marks/mark';
import { type Part, resultSchema, Session } from './marks/part';
import { PARTS } from './marks/parts';
import { whenStopped } from './stopping';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '3' },
      records: { type: 'string', default: '1000000' },
      fresh: { type: 'boolean', default: false },
    },
  });
  const records = Number(values.records);
  const parts = chosen(values.only?.split(','));
  const diary = new Diary(resolve('.sync', 'bench-marks.jsonl'), resultSchema);
  if (values.fresh) {
    diary.forget(parts.map(({ name }) => name));
    for (const part of parts) part.forget?.();
  }
  const stopped = whenStopped();
  const runs = Array.from({ length: Number(values.runs) }, (_, index) => index + 1);
  for (const part of parts) {
    const due = runs.filter((run) => !diary.has({ records, run, name: part.name }));
    if (due.length > 0) await part.measure(new Session(part.name, records, due, diary, stopped));
  }
  console.log(tableOf(parts.map(({ name, marks }) => ({ name, marks, results: diary.of(name, records) }))));
}

function chosen(names: readonly string[] | undefined): readonly Part[] {
  const unknown = names?.filter((name) => !PARTS.some((part) => part.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`There is no ${unknown.join(', ')}. There are: ${PARTS.map(({ name }) => name).join(', ')}`);
  return PARTS.filter(({ name }) => !names || names.includes(name));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1); // a peer that was being measured ends too
});
