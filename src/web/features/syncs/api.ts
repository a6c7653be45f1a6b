import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { z } from 'zod';
import type { syncAnswer, syncCountsAnswer, versionAnswer } from '../../../api/schemas/syncs';
import { allItems, api, type Page } from '../../lib/api';
import { filterQuery, type ListSearch } from './lib/list-search';

export type Sync = z.output<typeof syncAnswer>;

/** While something runs it moves quickly, otherwise rarely. */
const LOOK_EVERY_MS = { running: 2_000, idle: 10_000 } as const;

export const isRunning = (sync: Sync): boolean => sync.lastExecution?.state === 'running';

const howOften = (syncs: readonly Sync[]): number => LOOK_EVERY_MS[syncs.some(isRunning) ? 'running' : 'idle'];

const SYNCS_AT_ONCE = 50;

/** The first syncs, by name, that have some words in their names or those of their objects. */
export const useSyncsNamed = (words: string, isWanted: boolean) =>
  useQuery({
    queryKey: ['syncs', 'named', words],
    queryFn: ({ signal }) =>
      api<Page<Sync>>('/syncs', { query: { words, sort: 'name', limit: SYNCS_AT_ONCE }, signal }),
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });

/** The syncs that a list shows, page after page, looked at again and again: the more of them, the more seldom. */
export function useSyncList(shown: ListSearch) {
  const { sort = 'name', order } = shown;
  const query = { ...filterQuery(shown), sort, order, limit: SYNCS_AT_ONCE };
  return useInfiniteQuery({
    queryKey: ['syncs', 'list', query],
    queryFn: ({ pageParam, signal }) => api<Page<Sync>>('/syncs', { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    // what one sees stays until what one looks for is there
    placeholderData: keepPreviousData,
    select: ({ pages }) => distinct(pages.flatMap(({ items }) => items)),
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      return howOften(pages.flatMap(({ items }) => items)) * Math.max(1, pages.length);
    },
  });
}

/** Between two pages a sync may have come to another place. */
const distinct = (syncs: readonly Sync[]): Sync[] => [...new Map(syncs.map((sync) => [sync.id, sync])).values()];

type SyncCounts = z.output<typeof syncCountsAnswer>;

/** How many syncs there are, and how many a list would show. */
export const useSyncCounts = (shown: ListSearch) =>
  useQuery({
    queryKey: ['syncs', 'counts', filterQuery(shown)],
    queryFn: ({ signal }) => api<SyncCounts>('/sync-counts', { query: filterQuery(shown), signal }),
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_EVERY_MS.idle,
  });

/** What people ask besides the status: it takes a look at last executions, so it is asked for seldom. */
const QUESTIONS = ['running', 'overdue', 'failures'] as const;
const COUNT_QUESTIONS_EVERY_MS = 30_000;

/** How many syncs run, are overdue, or have had failures in their last execution, as far as that is known. */
export function useQuestionCounts(): Partial<Record<(typeof QUESTIONS)[number], number>> {
  const counts = useQueries({
    queries: QUESTIONS.map((status) => {
      const query = filterQuery({ status });
      return {
        queryKey: ['syncs', 'counts', query],
        queryFn: ({ signal }: { signal: AbortSignal }) => api<SyncCounts>('/sync-counts', { query, signal }),
        refetchInterval: COUNT_QUESTIONS_EVERY_MS,
      };
    }),
  });
  return Object.fromEntries(
    QUESTIONS.flatMap((status, index) => {
      const found = counts[index]?.data?.found;
      return found === undefined ? [] : [[status, found]];
    }),
  );
}

/** Some of the syncs that use a connection, and whether there are more. */
export const useSyncsOf = (connectionId: string) =>
  useQuery({
    queryKey: ['syncs', 'of', connectionId],
    queryFn: ({ signal }) =>
      api<Page<Sync>>('/syncs', { query: { connectionId, sort: 'name', limit: SYNCS_OF_CONNECTION }, signal }),
  });
const SYNCS_OF_CONNECTION = 20;

/** One sync, looked at again and again. */
export const useSync = (syncId: string) =>
  useQuery({
    queryKey: ['syncs', syncId],
    queryFn: ({ signal }) => api<Sync>(`/syncs/${syncId}`, { signal }),
    refetchInterval: ({ state }) => howOften(state.data ? [state.data] : []),
  });

export type Version = z.output<typeof versionAnswer>;

const VERSIONS_AT_ONCE = 20;

/** The versions of a sync, the newest first. @param newest a new one renews the list */
export const useVersions = (syncId: string, newest: number) =>
  useInfiniteQuery({
    queryKey: ['syncs', syncId, 'versions', newest],
    queryFn: ({ pageParam, signal }) =>
      api<Page<Version>>(`/syncs/${syncId}/versions`, {
        query: { limit: VERSIONS_AT_ONCE, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });

/** All versions of a sync, for whoever wants some of them. */
export const useAllVersions = (syncId: string, isWanted: boolean) =>
  useQuery({
    queryKey: ['syncs', syncId, 'versions', 'all'],
    queryFn: ({ signal }) => allItems<Version>(`/syncs/${syncId}/versions`, { signal }),
    enabled: isWanted,
  });

/** What can be asked of a sync that has been activated. */
export type Control = 'run-now' | 'pause' | 'resume' | 'cancel';

/** What was asked for is begun, or ended, by a worker a moment later: then it is looked for, sooner than it would be. */
const LOOK_AGAIN_MS = [1_000, 2_500, 5_000] as const;

/** Asks something of a sync. */
export function useControl() {
  const queries = useQueryClient();
  const look = () => queries.invalidateQueries({ queryKey: ['syncs'] });
  return useMutation({
    mutationFn: ({ sync, control }: { sync: Sync; control: Control }) =>
      api(`/syncs/${sync.id}/${control}`, { method: 'POST' }),
    onSettled: () => {
      for (const afterMs of LOOK_AGAIN_MS) setTimeout(() => void look(), afterMs);
      return look();
    },
  });
}

/** Deletes a sync with its executions. */
export function useDeleteSync() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (sync: Sync) => api(`/syncs/${sync.id}`, { method: 'DELETE' }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['syncs'] }),
  });
}

const MOST_NAME_CHARACTERS = 200;
const COPY = ' (copy)';

/** Saves a draft with the same definition. What an answer has besides it is ignored by the API. */
export function useDuplicate() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (sync: Sync) => {
      const name = `${sync.name.slice(0, MOST_NAME_CHARACTERS - COPY.length)}${COPY}`;
      return api<Sync>('/syncs', { method: 'POST', body: { ...sync, name } });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['syncs'] }),
  });
}
