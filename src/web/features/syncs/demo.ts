import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { suggestionsAnswer } from '../../../api/schemas/mappings';
import type { DraftDefinition } from '../../../domain/definition';
import { api } from '../../lib/api';
import type { Connection } from '../connections/api';
import type { Sync } from './api';

interface Demo {
  source: { connectionId: string; object: string };
  destination: { connectionId: string; object: string };
}

/** The sandbox's connections, as `npm start` names them, where they are. */
export function demoConnections(connections: readonly Connection[]): Demo | null {
  const marketo = connections.find(({ name }) => name === 'Demo Marketo');
  const salesforce = connections.find(({ name }) => name === 'Demo Salesforce');
  if (!marketo || !salesforce) return null;
  return {
    source: { connectionId: marketo.id, object: 'Lead' },
    destination: { connectionId: salesforce.id, object: 'Contact' },
  };
}

/** Saves a draft that a first visitor can look through, with the mappings that are sure. */
export function useMakeDemo() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (demo: Demo) => {
      const { items } = await api<z.output<typeof suggestionsAnswer>>('/suggest-mappings', {
        method: 'POST',
        body: demo,
      });
      const sure = items.filter(({ confidence }) => confidence === 'sure');
      const body: DraftDefinition = {
        ...demo,
        name: 'Demo: people to contacts',
        description: 'Made from the data of the sandbox. Change whatever you like.',
        deduplicate: 'youngestByLastUpdate',
        mappings: sure.map(({ from, to }) => ({ from: { field: from }, to })),
        schedule: { type: 'now' },
      };
      return api<Sync>('/syncs', { method: 'POST', body });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['syncs'] }),
  });
}
