import { type QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { z } from 'zod';
import type { executionAnswer } from '../../../api/schemas/executions';
import { api, apiUrl, type Page } from '../../lib/api';

export type Execution = z.output<typeof executionAnswer>;

const PAGE_SIZE = 20;
/** Events come sooner; this is for when they cannot. */
const LOOK_EVERY_MS = 10_000;

const keyOf = (executionId: string | undefined) => ['executions', executionId] as const;
const listKey = (syncId: string) => ['syncs', syncId, 'executions'] as const;

/** One execution; while it runs, as it changes. */
export function useExecution(executionId: string | undefined) {
  const query = useQuery({
    queryKey: keyOf(executionId),
    queryFn: ({ signal }) => api<Execution>(`/executions/${executionId}`, { signal }),
    enabled: executionId !== undefined,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? LOOK_EVERY_MS : false),
  });
  useExecutionEvents(executionId, query.data?.state === 'running');
  return query;
}

/** Takes what the server tells of an execution into what is shown. */
function useExecutionEvents(executionId: string | undefined, isRunning: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!isRunning || executionId === undefined) return;
    const events = new EventSource(apiUrl(`/executions/${executionId}/events`));
    events.addEventListener('execution', (event) => {
      const execution = JSON.parse(event.data) as Execution;
      queries.setQueryData(keyOf(executionId), execution);
      if (execution.state === 'running') return;
      // the stream ends with it; a browser would open it again
      events.close();
      void renew(queries, execution);
    });
    return () => events.close();
  }, [executionId, isRunning, queries]);
}

/** What an execution that has ended, or was begun, changes elsewhere. */
function renew(queries: QueryClient, { id }: Execution): Promise<unknown> {
  return Promise.all([
    queries.invalidateQueries({ queryKey: ['syncs'] }),
    queries.invalidateQueries({ queryKey: ['execution-records', id] }),
    queries.invalidateQueries({ queryKey: ['execution-causes', id] }),
  ]);
}

/** The executions of a sync, the newest first. @param lastNumber of the newest one that is known of: a new one renews the list */
export function useExecutions(syncId: string, lastNumber: number | undefined) {
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: listKey(syncId),
    queryFn: ({ pageParam, signal }) =>
      api<Page<Execution>>(`/syncs/${syncId}/executions`, { query: { limit: PAGE_SIZE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const newest = list.data?.pages[0]?.items[0]?.number;
  useEffect(() => {
    if (lastNumber !== undefined && newest !== undefined && lastNumber > newest) {
      void queries.invalidateQueries({ queryKey: listKey(syncId) });
    }
  }, [lastNumber, newest, queries, syncId]);
  return list;
}

/** Ends an execution alone. */
export function useCancelExecution() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (executionId: string) => api<Execution>(`/executions/${executionId}/cancel`, { method: 'POST' }),
    onSuccess: (execution) => {
      queries.setQueryData(keyOf(execution.id), execution);
      return renew(queries, execution);
    },
  });
}
