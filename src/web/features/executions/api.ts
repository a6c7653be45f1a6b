import {
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect } from 'react';
import type { z } from 'zod';
import type {
  causeAnswer,
  executionAnswer,
  recordAnswer,
  recordDetail,
  recordsFilter,
} from '../../../api/schemas/executions';
import type { giveUpAnswer, giveUpBody, retryBody, undoForetold } from '../../../api/schemas/follow-ups';
import type { settingsAnswer } from '../../../api/schemas/settings';
import type { TimelineEntry } from '../../../api/schemas/timeline';
import { api, type Page } from '../../lib/api';
import { askStillDue } from './ask-still-due';
import { followExecution } from './event-streams';

export type Execution = z.output<typeof executionAnswer>;

const PAGE_SIZE = 20;
/** Events come sooner; this is for when they cannot, and for windows that nobody sees, whose title tells of them. */
const LOOK_EVERY_MS = 10_000;

const keyOf = (executionId: string | undefined) => ['executions', executionId] as const;
const STILL_DUE = ['still-due'] as const;
const listKey = (syncId: string) => ['syncs', syncId, 'executions'] as const;

/** One execution; while it runs, as it changes. */
export function useExecution(executionId: string | undefined) {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: keyOf(executionId),
    queryFn: async ({ signal }) => {
      const execution = await api<Execution>(`/executions/${executionId}`, { signal });
      renewIfEnded(queries, execution);
      return execution;
    },
    enabled: executionId !== undefined,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? LOOK_EVERY_MS : false),
    refetchIntervalInBackground: true,
  });
  useExecutionEvents(executionId, query.data?.state === 'running');
  return query;
}

/** Takes what the server tells of an execution into what is shown. */
function useExecutionEvents(executionId: string | undefined, isRunning: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!isRunning || executionId === undefined) return;
    return followExecution(executionId, (execution) => {
      renewIfEnded(queries, execution);
      queries.setQueryData(keyOf(executionId), execution);
    });
  }, [executionId, isRunning, queries]);
}

/** However its end is learnt, and by however many parts of the page: what hangs on it is asked for once more. */
function renewIfEnded(queries: QueryClient, execution: Execution): void {
  const before = queries.getQueryData<Execution>(keyOf(execution.id));
  if (before?.state === 'running' && execution.state !== 'running') void renew(queries, execution);
}

/** What an execution that has ended, or was begun, changes elsewhere. */
function renew(queries: QueryClient, { id, follows }: Execution): Promise<unknown> {
  return Promise.all([
    // the one that it goes over says so
    ...(follows ? [queries.invalidateQueries({ queryKey: keyOf(follows.id) })] : []),
    queries.invalidateQueries({ queryKey: ['syncs'] }),
    queries.invalidateQueries({ queryKey: STILL_DUE }),
    queries.invalidateQueries({ queryKey: ['execution-records', id] }),
    // what an undo has taken back is told there
    ...(follows ? [queries.invalidateQueries({ queryKey: ['execution-records', follows.id] })] : []),
    // those of the execution that it goes over, too
    queries.invalidateQueries({ queryKey: ['execution-causes'] }),
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
  // 0 of a list that was empty: its first one must not be missed either
  const newest = list.data && (list.data.pages[0]?.items[0]?.number ?? 0);
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

/** How long values of records are kept, in days after the end of an execution. */
export const useRetentionDays = () =>
  useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => api<z.output<typeof settingsAnswer>>('/settings', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    select: ({ retentionDays }) => retentionDays,
  });

type TimelineList = { items: TimelineEntry[] };
/** Of what nobody is told by events: people's actions. */
const TIMELINE_EVERY_MS = 5_000;

/** What happened in an execution; while it runs, asked for again as it changes. */
export const useTimeline = ({ id, state, phase, problem }: Execution) =>
  useQuery({
    queryKey: ['execution-timeline', id, state, phase, problem],
    queryFn: async ({ signal }) => (await api<TimelineList>(`/executions/${id}/timeline`, { signal })).items,
    placeholderData: keepPreviousData,
    refetchInterval: state === 'running' ? TIMELINE_EVERY_MS : false,
  });

type CauseList = { items: Cause[] };
export type Cause = z.output<typeof causeAnswer>;

/** Why records were not loaded; asked again when the execution ends. */
export const useCauses = (executionId: string | undefined) =>
  useQuery({
    queryKey: ['execution-causes', executionId],
    queryFn: async ({ signal }) => (await api<CauseList>(`/executions/${executionId}/causes`, { signal })).items,
    staleTime: 0,
    enabled: executionId !== undefined,
  });

/** How many failed records of an execution are still due; undefined where it is not known, or not asked for. */
export const useDue = (executionId: string | undefined): number | undefined =>
  useCauses(executionId).data?.reduce((sum, { due }) => sum + due, 0);

/**
 * How many failed records of a sync are still to be loaded, over all its executions, and whose retry takes them.
 * @param last the newest execution: a new one, or another state of it, has it asked for again; absent where it is not wanted
 */
export const useStillDue = (syncId: string, last: Pick<Execution, 'number' | 'state'> | null | undefined) =>
  useQuery({
    queryKey: [...STILL_DUE, syncId, last?.number, last?.state],
    queryFn: () => askStillDue(syncId),
    placeholderData: keepPreviousData,
    staleTime: 0,
    enabled: Boolean(last),
  });

export type RecordsFilter = z.output<typeof recordsFilter>;
export type RecordOutcome = z.output<typeof recordAnswer>;

const RECORDS_AT_ONCE = 200;
/** While they come and change. */
const RECORDS_EVERY_MS = 5_000;
/** Whoever has scrolled further reads them; they are asked for once more at the end of the execution. */
const MOST_PAGES_RENEWED = 3;

/** The records of an execution in source order, page by page; while it runs, asked for again. */
export const useRecords = ({ id, state: runState }: Execution, filter: RecordsFilter) =>
  useInfiniteQuery({
    queryKey: ['execution-records', id, filter],
    queryFn: ({ pageParam, signal }) =>
      api<Page<RecordOutcome>>(`/executions/${id}/records`, {
        query: { ...filter, limit: RECORDS_AT_ONCE, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: ({ state: { data, status } }) =>
      runState === 'running' && status === 'success' && (data?.pages.length ?? 0) <= MOST_PAGES_RENEWED
        ? RECORDS_EVERY_MS
        : false,
  });

/** Tries failed records again: all, those of some reasons, chosen ones, or those of a corrected file. Gives the execution that does it. */
export const useRetryFailed = (executionId: string) =>
  useFollowUp((wanted: z.input<typeof retryBody> | Blob) =>
    api<Execution>(`/executions/${executionId}/retry-failed`, { method: 'POST', body: wanted }),
  );

/** Gives failed records up: named ones, or what is due and failed for some reasons. */
export function useGiveUp(executionId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: z.input<typeof giveUpBody>) =>
      api<z.output<typeof giveUpAnswer>>(`/executions/${executionId}/give-up`, { method: 'POST', body: wanted }),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: STILL_DUE }),
        ...['execution-records', 'execution-causes'].map((name) =>
          queries.invalidateQueries({ queryKey: [name, executionId] }),
        ),
      ]),
  });
}

export type RecordDetail = z.output<typeof recordDetail>;

/** A record with all that is kept of its way; while the execution runs, asked for again. */
export const useRecord = ({ id, state }: Execution, sourceId: string) =>
  useQuery({
    queryKey: ['execution-records', id, 'one', sourceId],
    queryFn: ({ signal }) => api<RecordDetail>(`/executions/${id}/records/${encodeURIComponent(sourceId)}`, { signal }),
    refetchInterval: state === 'running' ? RECORDS_EVERY_MS : false,
    // another execution may have dealt with it a moment ago
    staleTime: 0,
  });

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
