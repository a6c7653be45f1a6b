/**
 * `npm run bench -- peers [RECORDS] [--only NAME,...] [--runs N] [--fresh]`: other tools beside Sync, on the same sandbox and machine, at the
 * same people (default 100,000), taking turns, each so many times (default 3); medians, and what became of the people. The tools are
 * installed outside the project: `SYNC_PEERS_DIR`. What has been measured is kept in `.sync/bench-peers.jsonl`: a run that was stopped goes on; with
 * `--fresh` the chosen ones begin anew.
 */
import { parseArgs } from 'node:util';
import { lineOf, tableOf } from './peers/diary';
import { measurePeers, peersDiary, runnersNamed } from './peers/measure-peers';
import { whenStopped } from './stopping';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '3' },
      fresh: { type: 'boolean', default: false },
    },
  });
  const records = Number(positionals[0] ?? 100_000);
  const runners = runnersNamed(values.only?.split(','));
  const runs = Array.from({ length: Number(values.runs) }, (_, index) => index + 1);
  const diary = peersDiary();
  if (values.fresh) diary.forget(runners.map(({ name }) => name));
  await measurePeers(records, runs, runners, diary, whenStopped());
  console.log(tableOf(runners.map((runner) => lineOf(runner, diary.of(runner.name, records)))));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1); // a tool that was being measured ends too
});
