import { type QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { z } from 'zod';
import type { causeAnswer, executionAnswer, recordAnswer, recordsFilter } from '../../../api/schemas/executions';
import type { undoForetold } from '../../../api/schemas/follow-ups';
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

type CauseList = { items: Cause[] };
export type Cause = z.output<typeof causeAnswer>;

/** Why records were not loaded; asked again when the execution ends. */
export const useCauses = (executionId: string) =>
  useQuery({
    queryKey: ['execution-causes', executionId],
    queryFn: async ({ signal }) => (await api<CauseList>(`/executions/${executionId}/causes`, { signal })).items,
  });

export type RecordsFilter = z.output<typeof recordsFilter>;
export type RecordOutcome = z.output<typeof recordAnswer>;

const RECORDS_AT_ONCE = 200;

/** The records of an execution in source order, page by page. */
export const useRecords = (executionId: string, filter: RecordsFilter) =>
  useInfiniteQuery({
    queryKey: ['execution-records', executionId, filter],
    queryFn: ({ pageParam, signal }) =>
      api<Page<RecordOutcome>>(`/executions/${executionId}/records`, {
        query: { ...filter, limit: RECORDS_AT_ONCE, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });

/** Tries failed records again: all, those of some reasons, or those of a corrected file. Gives the execution that does it. */
export const useRetryFailed = (executionId: string) =>
  useFollowUp((wanted: { reasons?: string[] } | Blob) =>
    api<Execution>(`/executions/${executionId}/retry-failed`, { method: 'POST', body: wanted }),
  );

export type UndoForetold = z.output<typeof undoForetold>;

/** What an undo would do. */
export const useUndoForetold = (executionId: string, isWanted: boolean) =>
  useQuery({
    queryKey: ['undo', executionId],
    queryFn: ({ signal }) =>
      api<UndoForetold>(`/executions/${executionId}/undo`, { method: 'POST', body: { preview: true }, signal }),
    enabled: isWanted,
    gcTime: 0,
  });

/** Undoes an execution. Gives the execution that does it. */
export const useUndo = (executionId: string) =>
  useFollowUp(() => api<Execution>(`/executions/${executionId}/undo`, { method: 'POST', body: {} }));

/** Begins an execution that goes over what an earlier one has done. */
function useFollowUp<Wanted>(begin: (wanted: Wanted) => Promise<Execution>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: begin,
    onSuccess: (execution) => {
      queries.setQueryData(keyOf(execution.id), execution);
      return renew(queries, execution);
    },
  });
}
