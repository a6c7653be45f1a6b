import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { readinessAnswer } from '../../api/schemas/health';

const LOOK_EVERY_MS = 10_000;
type Readiness = z.output<typeof readinessAnswer>;

/** Why nothing moves, and what follows. */
export interface Standstill {
  title: string;
  detail: string;
}

/** Not ready is an answer, and so is none. */
async function readiness(): Promise<Readiness | null> {
  try {
    const answer = await fetch('/readyz', { signal: AbortSignal.timeout(LOOK_EVERY_MS) });
    return (await answer.json()) as Readiness;
  } catch {
    return null;
  }
}

/** The part that syncs need and that is away, looked at again and again; null while all are there. */
export function useStandstill(): Standstill | null {
  const { data } = useQuery({ queryKey: ['readiness'], queryFn: readiness, refetchInterval: LOOK_EVERY_MS });
  if (data === undefined) return null;
  return data === null ? UNREACHABLE : standstillOf(data);
}

const UNREACHABLE: Standstill = {
  title: 'Sync does not answer',
  detail: 'What you see may be old. The page goes on by itself as soon as Sync answers again.',
};

function standstillOf({ ok, database, migrations, temporal }: Readiness): Standstill | null {
  if (ok) return null;
  if (!database)
    return { title: 'The database cannot be reached', detail: 'Nothing is lost. Runs go on when it is back.' };
  if (!migrations)
    return { title: 'Sync is being updated', detail: 'The database is being updated. This takes a moment.' };
  if (!temporal) return { title: 'Temporal cannot be reached', detail: 'Nothing is lost. Runs go on when it is back.' };
  return {
    title: 'No worker runs',
    detail: 'No sync runs until a worker is back. Nothing is lost: runs continue where they stopped.',
  };
}
