import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { syncAnswer } from '../../../api/schemas/syncs';
import { allItems } from '../../lib/api';

export type Sync = z.output<typeof syncAnswer>;

/** While something runs it moves quickly, otherwise rarely. */
const LOOK_EVERY_MS = { running: 2_000, idle: 10_000 } as const;

const isRunning = (sync: Sync): boolean => sync.lastExecution?.state === 'running';

/** All syncs, looked at again and again. */
export const useSyncs = () =>
  useQuery({
    queryKey: ['syncs'],
    queryFn: ({ signal }) => allItems<Sync>('/syncs', { signal }),
    refetchInterval: ({ state }) => LOOK_EVERY_MS[state.data?.some(isRunning) ? 'running' : 'idle'],
  });
