import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { sessionAnswer } from '../../../api/schemas/session';
import { ApiProblem, api } from '../../lib/api';

export type Session = z.output<typeof sessionAnswer>;

const KEY = ['session'] as const;

/** Who is signed in; null when nobody is. */
async function session(): Promise<Session | null> {
  try {
    return await api<Session>('/session', { asksNobody: true });
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  }
}

export const useSession = () => useQuery({ queryKey: KEY, queryFn: session, staleTime: Number.POSITIVE_INFINITY });

/** Signs in with an API key. */
export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (apiKey: string) => api<Session>('/session', { method: 'POST', apiKey, asksNobody: true }),
    onSuccess: (signedIn) => queries.setQueryData(KEY, signedIn),
  });
}

/** Ends the session, and forgets what it has shown. */
export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => api('/session', { method: 'DELETE', asksNobody: true }),
    onSettled: () => {
      queries.clear();
      // what a page holds of it goes as well
      window.location.assign('/');
    },
  });
}

/** Whether the role of the person reaches. */
export function useMay(role: 'operator' | 'admin'): boolean {
  const { data } = useSession();
  return data?.role === 'admin' || data?.role === role;
}
