import type { Counts, Phase } from '../src/domain/outcome';
import type { PreviewPhase } from '../src/domain/preview';
import type { LastExecution, SyncState } from './messages';

/** Most bytes of UTF-8 that a summary may have; longer ones are accepted silently, and cut by the Web UI anyhow. */
const SUMMARY_BYTES = 200;

/** Cuts a text to what fits a summary, never within a letter. */
export function summary(text: string): string {
  let bytes = 0;
  let cut = '';
  for (const letter of text.replaceAll(/\s+/g, ' ')) {
    const code = letter.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > SUMMARY_BYTES) return cut;
    cut += letter;
  }
  return cut;
}

const grouped = (number: number): string => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');

const duration = (seconds: number): string => {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
};

/** How each count is called, in the order in which they are shown. */
export type Labels = readonly [keyof Counts, string][];
const LABELS: Labels = [
  ['read', 'Read'],
  ['filteredOut', 'Filtered out'],
  ['duplicates', 'Duplicates left out'],
  ['unchanged', 'Unchanged'],
  ['created', 'Created'],
  ['updated', 'Updated'],
  ['skipped', 'Skipped'],
  ['failed', 'Failed'],
];

/** What the same counts mean of an undo. */
export const UNDO_LABELS: Labels = LABELS.map(([key, label]) => [
  key,
  key === 'updated' ? 'Deleted or restored' : label,
]);

/** What the same counts mean of a preview. */
export const PREVIEW_LABELS: Labels = [
  ['read', 'Read'],
  ['filteredOut', 'Filtered out'],
  ['duplicates', 'Duplicates left out'],
  ['unchanged', 'Unchanged'],
  ['created', 'Would be created'],
  ['updated', 'Would be updated'],
  ['skipped', 'Would be skipped'],
  ['failed', 'Would be refused'],
];

/** The counts as a Markdown table: beside what was read what became of it, so that all of it is seen without scrolling. */
export function countsTable(counts: Counts, labels: Labels = LABELS): string {
  const cells = labels.map(([key, label]) => `${label} | ${grouped(counts[key])}`);
  const half = Math.ceil(cells.length / 2);
  const rows = cells.slice(0, half).map((left, index) => `| ${left} | ${cells[index + half] ?? ' |'} |`);
  return ['| Records | | | |', '| :-- | --: | :-- | --: |', ...rows].join('\n');
}

/** "2026-12-01 02:30:00 UTC", of an instant in ISO 8601 UTC. */
export const readable = (instant: string): string => `${instant.slice(0, 19).replace('T', ' ')} UTC`;

/** What a sync does, and what its last execution came to, for the details that the Web UI shows of it. */
export function syncDetails(given: {
  phase: SyncState['status'];
  nextRunAt: string | null;
  running: { number: number; scheduledFor: string } | null;
  last: LastExecution | null;
  isCancelled: boolean;
}): string {
  const { phase, nextRunAt, running, last, isCancelled } = given;
  const number = running?.number ?? 0;
  const place = {
    sleeping: `**Sleeping** until the next run at ${nextRunAt ? readable(nextRunAt) : 'an unknown time'}.`,
    running: `**Running** execution ${number}; its workflow is the child \`execution/${number}\`, under Relationships.`,
    paused: '**Paused.** Nothing runs until the sync is resumed.',
    ended: isCancelled
      ? '**Cancelled.** What was loaded stays. Activate the sync in Sync to go on.'
      : '**Completed.** No further run is due.',
  }[phase];
  if (!last) return place;
  return `${place}\n\n**Last execution:** ${last.number}, ${last.state}\n\n${countsTable(last.counts as unknown as Counts)}`;
}

const PHASE_WORDS: Record<Phase | PreviewPhase, string> = {
  extract: 'reading the source',
  filter: 'applying the filter',
  dedupe: 'looking for duplicates',
  map: 'mapping fields',
  load: 'writing to the destination',
  plan: 'comparing with the destination',
};

/** Phase, rate, time left, problem and counts, for the details that the Web UI shows of a running execution. */
export function progressDetails(
  snapshot: {
    phase: Phase | PreviewPhase | null;
    counts: Counts;
    done: number;
    total: number | null;
    perSecond: number | null;
    secondsLeft: number | null;
    problem: string | null;
  },
  labels: Labels = LABELS,
): string {
  const { phase, total } = snapshot;
  const place = phase === null ? 'starting' : `${phase}: ${PHASE_WORDS[phase]}`;
  const share = total === null ? grouped(snapshot.done) : `${grouped(snapshot.done)} of ${grouped(total)}`;
  const rate = snapshot.perSecond === null ? '' : `, ${grouped(snapshot.perSecond)} per second`;
  const left = snapshot.secondsLeft === null ? '' : `, about ${duration(snapshot.secondsLeft)} left`;
  const problem = snapshot.problem === null ? [] : ['', `**Waiting:** ${snapshot.problem}`];
  return [
    `**Phase:** ${place}`,
    '',
    `**Progress:** ${share} records${rate}${left}`,
    ...problem,
    '',
    countsTable(snapshot.counts, labels),
  ].join('\n');
}
