import { measurePeers, peersDiary, runnersNamed } from '../../peers/measure-peers';
import { atLeast, type Mark } from '../mark';
import type { Figures, Part } from '../part';

/** So many of a million: the best known of them ends before a million. */
const RECORDS = 100_000;
const [SYNC, FROM_MARKETO] = ['sync', 'sync-from-marketo'];
/** What Sync is held against: whose rate it is a multiple of, and of which of its own runs. */
const RATIOS = [
  { figure: 'timesSfdmu', sync: SYNC, peer: 'sfdmu' },
  { figure: 'timesScript', sync: SYNC, peer: 'jsforce' },
  { figure: 'timesMarketoScript', sync: FROM_MARKETO, peer: 'marketo-script' },
] as const;
const NAMES = [...new Set(RATIOS.flatMap(({ sync, peer }) => [sync, peer]))];

const rateOf = (name: string): Mark => ({ what: `rate of ${name}, 100,000 records`, figure: name, unit: 'records/s' });

/** Sync beside others, taking turns with them: how many times as fast it is in each run. */
export const besidePeers: Part = {
  name: 'peers',
  marks: [
    ...NAMES.map(rateOf),
    { what: 'Sync ÷ SFDMU', figure: 'timesSfdmu', unit: '', digits: 2, goal: atLeast(3) },
    { what: 'Sync ÷ bare script over jsforce', figure: 'timesScript', unit: '', digits: 2, goal: atLeast(0.33) },
    { what: 'Sync ÷ script from Marketo', figure: 'timesMarketoScript', unit: '', digits: 2, goal: atLeast(2.5) },
  ],
  forget: () => peersDiary().forget(NAMES),
  async measure(session) {
    const records = session.scaled(RECORDS);
    const diary = peersDiary();
    await session.eachRun(async (run) => {
      await measurePeers(records, [run], runnersNamed(NAMES), diary, session.stopped);
      const figures: Figures = {};
      for (const name of NAMES) {
        const result = diary.of(name, records).find((one) => one.run === run);
        if (result?.seconds === undefined) throw new Error(`${name} ${result?.error}`);
        figures[name] = records / result.seconds;
      }
      for (const { figure, sync, peer } of RATIOS) figures[figure] = (figures[sync] ?? 0) / (figures[peer] ?? 0);
      return { figures };
    });
  },
};
