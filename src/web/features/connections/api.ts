import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { connectionAnswer } from '../../../api/schemas/connections';
import { allItems } from '../../lib/api';

export type Connection = z.output<typeof connectionAnswer>;

/** All connections, by name. */
export const useConnections = () =>
  useQuery({ queryKey: ['connections'], queryFn: ({ signal }) => allItems<Connection>('/connections', { signal }) });
