import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { connectionAnswer, connectionTestAnswer } from '../../../api/schemas/connections';
import type { consentAnswer } from '../../../api/schemas/salesforce-consents';
import { allItems, api } from '../../lib/api';

export type Connection = z.output<typeof connectionAnswer>;
export type ConnectionTest = z.output<typeof connectionTestAnswer>;

const KEY = ['connections'] as const;
/** A test costs the vendor some calls. */
const TEST_STALE_MS = 5 * 60_000;

/** All connections, by name. */
export const useConnections = () =>
  useQuery({ queryKey: KEY, queryFn: ({ signal }) => allItems<Connection>('/connections', { signal }) });

/**
 * Whether a connection works, and what it has left of its quota; tested when asked, and where it is older than a while.
 * @param more.isFollowed tested again and again
 */
export function useConnectionTest(connectionId: string, isAllowed: boolean, more: { isFollowed?: boolean } = {}) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: ['connection-test', connectionId],
    queryFn: async ({ signal }) => {
      const test = await api<ConnectionTest>(`/connections/${connectionId}/test`, { method: 'POST', signal });
      // the first one that works tells which instance it is
      if (test.ok) void queries.invalidateQueries({ queryKey: KEY });
      return test;
    },
    enabled: isAllowed,
    staleTime: TEST_STALE_MS,
    refetchInterval: more.isFollowed ? TEST_STALE_MS : false,
  });
}

/** Gives up waiting for a test. */
export function useCancelConnectionTest(connectionId: string): () => void {
  const queries = useQueryClient();
  return () => void queries.cancelQueries({ queryKey: ['connection-test', connectionId] });
}

/** Adds a connection, or changes one. Secrets that are left out stay as they are. */
export function useSaveConnection(connectionId: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ kind, ...rest }: { kind: string; name: string; settings: Record<string, unknown> }) =>
      connectionId === null
        ? api<Connection>('/connections', { method: 'POST', body: { kind, ...rest } })
        : api<Connection>(`/connections/${connectionId}`, { method: 'PATCH', body: rest }),
    onSuccess: ({ id }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: KEY }),
        queries.resetQueries({ queryKey: ['connection-test', id] }),
      ]),
  });
}

/** Begins to connect with Salesforce: the browser is sent to its page, and comes back to ours. */
export const useAskConsent = () =>
  useMutation({
    mutationFn: async (body: object) => {
      const { url } = await api<z.output<typeof consentAnswer>>('/salesforce-consents', { method: 'POST', body });
      window.location.assign(url);
    },
  });

/** Ends that with what came back in the address; a code works once, so this is never repeated. */
export function useConsentGiven(given: { state: string; code: string } | null) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: ['salesforce-consent', given],
    queryFn: async () => {
      const connection = await api<Connection>('/salesforce-consents/finish', { method: 'POST', body: given });
      await queries.invalidateQueries({ queryKey: KEY });
      return connection;
    },
    enabled: given !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}

/** Deletes a connection that no sync uses. */
export function useDeleteConnection() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Connection) => api(`/connections/${id}`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
