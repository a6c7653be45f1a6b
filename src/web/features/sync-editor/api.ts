import { queryOptions, useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { objectAnswer, objectPage } from '../../../api/schemas/connections';
import type { countAnswer, examplesAnswer, suggestionsAnswer } from '../../../api/schemas/mappings';
import type { askedAnswer, plannedPage, previewAnswer } from '../../../api/schemas/previews';
import type { scheduleAnswer } from '../../../api/schemas/schedules';
import type { controlAnswer, queryAnswer, syncAnswer } from '../../../api/schemas/syncs';
import type { DraftDefinition, Schedule } from '../../../domain/definition';
import type { ObjectDescription } from '../../../domain/object-description';
import { api, type Page } from '../../lib/api';
import type { EndForm } from './lib/sync-form';
import { untilRenewal } from './lib/until-renewal';

export type Sync = z.output<typeof syncAnswer>;
export type Preview = z.output<typeof previewAnswer>;
export type PlannedPage = z.output<typeof plannedPage>;
export type Planned = PlannedPage['items'][number];
export type Example = z.output<typeof examplesAnswer>['items'][number];
type ObjectPage = z.output<typeof objectPage>;

/** What vendors say of themselves changes rarely; a new field is found by *Refresh fields*. */
const DESCRIPTION_STALE_MS = 5 * 60_000;

/** The objects of a connection, as soon as it is chosen. */
export const objectsQuery = (connectionId: string) =>
  queryOptions({
    queryKey: ['objects', connectionId],
    queryFn: async ({ signal }) => (await api<ObjectPage>(`/connections/${connectionId}/objects`, { signal })).items,
    enabled: connectionId !== '',
    staleTime: DESCRIPTION_STALE_MS,
  });
export const useObjects = (connectionId: string) => useQuery(objectsQuery(connectionId));

/** Under which the description of an object is known. */
export const objectKey = ({ connectionId, object }: EndForm) => ['object', connectionId, object];

/** The description of the object at one end, as soon as both are chosen. */
export const descriptionQuery = ({ connectionId, object }: EndForm) =>
  queryOptions({
    queryKey: objectKey({ connectionId, object }),
    queryFn: ({ signal }): Promise<ObjectDescription> =>
      api<z.output<typeof objectAnswer>>(`/connections/${connectionId}/objects/${encodeURIComponent(object)}`, {
        signal,
      }),
    enabled: connectionId !== '' && object !== '',
    staleTime: DESCRIPTION_STALE_MS,
  });
export const useObjectDescription = (end: EndForm) => useQuery(descriptionQuery(end));

export const useExamples = ({ connectionId, object }: EndForm) =>
  useQuery({
    queryKey: ['examples', connectionId, object],
    queryFn: async ({ signal }) =>
      (
        await api<z.output<typeof examplesAnswer>>('/examples', {
          method: 'POST',
          body: { connectionId, object },
          signal,
        })
      ).items,
    enabled: connectionId !== '' && object !== '',
    staleTime: DESCRIPTION_STALE_MS,
  });

/** Records of an object whose name has a part; the first ones where nothing is searched for. */
export const useRecordsNamed = ({ connectionId, object }: EndForm, search: string, isWanted: boolean) =>
  useQuery({
    queryKey: ['examples', connectionId, object, search],
    queryFn: async ({ signal }) => {
      const body = { connectionId, object, ...(search === '' ? {} : { search }) };
      return (await api<z.output<typeof examplesAnswer>>('/examples', { method: 'POST', body, signal })).items;
    },
    enabled: isWanted && connectionId !== '' && object !== '',
    staleTime: DESCRIPTION_STALE_MS,
    placeholderData: (before) => before,
  });

export const askSuggestions = async (source: EndForm, destination: EndForm) =>
  (
    await api<z.output<typeof suggestionsAnswer>>('/suggest-mappings', {
      method: 'POST',
      body: { source, destination },
    })
  ).items;

export const getSync = (syncId: string): Promise<Sync> => api<Sync>(`/syncs/${syncId}`);

/** @param saved the id and version that the draft was made on; null creates the sync */
export const saveSync = (saved: { id: string; version: number } | null, draft: DraftDefinition): Promise<Sync> =>
  saved
    ? api<Sync>(`/syncs/${saved.id}`, { method: 'PUT', body: draft, ifMatch: saved.version })
    : api<Sync>('/syncs', { method: 'POST', body: draft });

/** *View Query* of what is being edited. */
export const useQueryView = (draft: DraftDefinition, isWanted: boolean) => {
  const { source, filter, mappings, match, records, schedule } = draft;
  const body = { source, filter, mappings, match, records, schedule };
  return useQuery({
    queryKey: ['query', body],
    queryFn: ({ signal }) => api<z.output<typeof queryAnswer>>('/query', { method: 'POST', body, signal }),
    enabled: isWanted && source !== undefined,
  });
};

/** How many records the filter selects, where the source tells. */
export const useCount = ({ source, filter, schedule }: Partial<DraftDefinition>, isWanted: boolean) => {
  const body = { source, filter, schedule };
  return useQuery({
    queryKey: ['count', body],
    queryFn: ({ signal }) => api<z.output<typeof countAnswer>>('/count', { method: 'POST', body, signal }),
    enabled: isWanted && source !== undefined,
    placeholderData: (before) => before,
  });
};

/** Other syncs that have a name already. @param name empty where nobody wants to know */
export const useNamesakes = (name: string, ownId: string | undefined) =>
  useQuery({
    queryKey: ['namesakes', name],
    queryFn: ({ signal }) => api<Page<Sync>>('/syncs', { query: { search: name, limit: 200 }, signal }),
    enabled: name !== '',
    select: ({ items }) => items.filter((sync) => sync.name === name && sync.id !== ownId).length,
  });

export const useScheduleInWords = (schedule: Schedule | undefined) =>
  useQuery({
    queryKey: ['schedule', schedule],
    queryFn: ({ signal }) =>
      api<z.output<typeof scheduleAnswer>>('/schedule', { method: 'POST', body: { schedule }, signal }),
    enabled: schedule !== undefined,
    staleTime: 10_000,
    // when the first of them has passed, there are others
    refetchInterval: ({ state }) => untilRenewal(state.data?.nextRuns ?? [], Date.now()),
    placeholderData: (before) => before,
  });

export const askPreview = (syncId: string, mode: 'auto' | 'full' = 'auto') =>
  api<z.output<typeof askedAnswer>>(`/syncs/${syncId}/preview`, { method: 'POST', body: { mode } });

const LOOK_EVERY_MS = 700;

export const usePreview = (previewId: string | null) =>
  useQuery({
    queryKey: ['preview', previewId],
    queryFn: ({ signal }) => api<Preview>(`/previews/${previewId}`, { signal }),
    enabled: previewId !== null,
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : LOOK_EVERY_MS),
  });

export const cancelPreview = (previewId: string) => api<Preview>(`/previews/${previewId}/cancel`, { method: 'POST' });

export const activateSync = (syncId: string) =>
  api<z.output<typeof controlAnswer>>(`/syncs/${syncId}/activate`, { method: 'POST' });

/** Activates a run that does exactly what a preview has planned, once and at once. */
export const applyPreview = (previewId: string) =>
  api<z.output<typeof controlAnswer>>(`/previews/${previewId}/apply`, { method: 'POST' });
