import { Progress, Text } from '@mantine/core';
import type { z } from 'zod';
import type { executionAnswer } from '../../api/schemas/executions';
import type { Phase } from '../../domain/outcome';
import { formatDuration, formatNumber } from '../lib/format';

type Running = Pick<z.output<typeof executionAnswer>, 'phase' | 'progress' | 'problem'>;

/** What is going on in each phase. */
export const PHASE_WORDS: Record<Phase, string> = {
  extract: 'Reading',
  filter: 'Filtering',
  dedupe: 'Looking for duplicates',
  map: 'Mapping',
  load: 'Loading',
};

/** How far a run is: `Loading: 2,716 of 4,816, 410 a second, about 5 s left`. */
export function progressInWords({ phase, progress }: Pick<Running, 'phase' | 'progress'>): string {
  if (phase === null) return 'Starting';
  const { done, total, perSecond, secondsLeft } = progress;
  const parts = [total === null ? formatNumber(done) : `${formatNumber(done)} of ${formatNumber(total)}`];
  if (perSecond) parts.push(`${formatNumber(perSecond)} a second`);
  if (secondsLeft !== null) parts.push(secondsLeft < 1 ? 'nearly done' : `about ${formatDuration(secondsLeft)} left`);
  return `${PHASE_WORDS[phase]}: ${parts.join(', ')}`;
}

/** The share of the present phase that is done, in per cent; null while nobody knows. */
export const percentOf = ({ progress: { done, total } }: Pick<Running, 'progress'>): number | null =>
  total === null || total === 0 ? null : Math.min(100, Math.floor((100 * done) / total));

/** A run on its way, as a bar and in words, with what it waits for. */
export function RunProgress({ run }: { run: Running }) {
  const percent = percentOf(run);
  const words = progressInWords(run);
  return (
    <div>
      <Progress.Root size="md" my={4}>
        <Progress.Section value={percent ?? 100} animated={percent === null} aria-label={words} />
      </Progress.Root>
      <Text size="xs">{words}</Text>
      {run.problem && (
        <Text size="xs" mt={2}>
          <b>Waiting:</b> {run.problem}
        </Text>
      )}
    </div>
  );
}
