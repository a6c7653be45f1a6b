import { heightsOf, type RecentRun, recentInWords } from '../lib/recent-runs';
import classes from './recent-runs.module.css';

/** One makes no picture, and is told of already. */
const LEAST_RUNS = 2;

/** The last runs of a sync as a small picture, the newest on the right: how much each read, and how it ended. */
export function RecentRuns({ runs }: { runs: readonly RecentRun[] }) {
  if (runs.length < LEAST_RUNS) return null;
  const words = recentInWords(runs);
  return (
    <div className={classes.picture} role="img" aria-label={words} title={words}>
      {heightsOf(runs).map(({ run, height }) => (
        <span key={run.number} data-state={run.state} style={{ height: `${height}%` }} />
      ))}
    </div>
  );
}
