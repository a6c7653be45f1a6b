import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { readinessAnswer } from '../../api/schemas/health';

const LOOK_EVERY_MS = 10_000;
type Readiness = z.output<typeof readinessAnswer>;

/** Not ready is an answer, and so is none. */
async function readiness(): Promise<Readiness | null> {
  try {
    const answer = await fetch('/readyz', { signal: AbortSignal.timeout(LOOK_EVERY_MS) });
    return (await answer.json()) as Readiness;
  } catch {
    return null;
  }
}

/** Says when a part that syncs need is away, and that they go on by themselves when it is back. */
export function ServiceState() {
  const { data } = useQuery({ queryKey: ['readiness'], queryFn: readiness, refetchInterval: LOOK_EVERY_MS });
  const text = data === undefined ? null : data === null ? UNREACHABLE : wordsOf(data);
  return (
    <div role="status" aria-live="polite">
      {text && (
        <Alert color="yellow" mb="md" icon={<IconPlugConnectedX aria-hidden />} title={text.title}>
          {text.detail}
        </Alert>
      )}
    </div>
  );
}

const UNREACHABLE = {
  title: 'Sync does not answer',
  detail: 'What you see may be old. The page goes on by itself as soon as Sync answers again.',
};

function wordsOf({ ok, database, migrations, temporal }: Readiness): { title: string; detail: string } | null {
  if (ok) return null;
  if (!database)
    return { title: 'The database cannot be reached', detail: 'Nothing is lost. Runs go on when it is back.' };
  if (!migrations) return { title: 'Sync is being updated', detail: 'The database gets its newest tables; a moment.' };
  if (!temporal) return { title: 'Temporal cannot be reached', detail: 'Nothing is lost. Runs go on when it is back.' };
  return {
    title: 'No worker runs',
    detail: 'Nothing moves until one does. Nothing is lost: runs go on where they stopped.',
  };
}
