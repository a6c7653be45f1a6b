import { Progress, Text } from '@mantine/core';
import type { z } from 'zod';
import type { executionAnswer } from '../../api/schemas/executions';
import { formatDuration, formatNumber } from '../lib/format';
import { phaseInWords } from '../lib/phases';

type Running = Pick<z.output<typeof executionAnswer>, 'phase' | 'progress' | 'problem' | 'stopping' | 'trigger'>;

/** A forecast from a rate is off by so much as a rule. */
const LEAST = 0.8;
const MOST = 1.25;
/** Below this a range is no news. */
const LEAST_FOR_RANGE_S = 10;

/** `40 s to 1 min 3 s left` */
function leftInWords(seconds: number): string {
  if (seconds < 1) return 'nearly done';
  if (seconds < LEAST_FOR_RANGE_S) return `about ${formatDuration(seconds)} left`;
  const [least, most] = [formatDuration(seconds * LEAST), formatDuration(seconds * MOST)];
  return least === most ? `about ${most} left` : `${least} to ${most} left`;
}

/** How far a run is: `Loading: 2,716 of 4,816, 410 a second, about 5 s left`. */
export function progressInWords({ phase, progress, trigger }: Pick<Running, 'phase' | 'progress' | 'trigger'>): string {
  if (phase === null) return 'Starting';
  const { done, total, perSecond, secondsLeft } = progress;
  const parts = [total === null ? formatNumber(done) : `${formatNumber(done)} of ${formatNumber(total)}`];
  if (perSecond) parts.push(`${formatNumber(perSecond)} a second`);
  if (secondsLeft !== null) parts.push(leftInWords(secondsLeft));
  return `${phaseInWords(phase, trigger)}: ${parts.join(', ')}`;
}

/** What was asked of a run and has not taken effect yet; null where nothing was, or where it waits already. */
export function stopInWords({ stopping, problem }: Pick<Running, 'stopping' | 'problem'>): string | null {
  if (stopping === 'cancel')
    return 'Being cancelled: nothing more is sent; it ends once the calls under way are answered.';
  return stopping === 'pause' && problem === null ? 'It pauses after the current batch.' : null;
}

/** What keeps a run from going on, beside its figures. */
export function RunNotice({ run, size }: { run: Pick<Running, 'stopping' | 'problem'>; size: 'xs' | 'sm' }) {
  const stop = stopInWords(run);
  if (stop !== null) {
    return (
      <Text size={size} fw={600}>
        {stop}
      </Text>
    );
  }
  return run.problem === null ? null : (
    <Text size={size}>
      <b>Waiting:</b> {run.problem}
    </Text>
  );
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
      <RunNotice run={run} size="xs" />
    </div>
  );
}
