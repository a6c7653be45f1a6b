import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { DefinitionsPlan, validationAnswer } from '../../../api/schemas/definitions';
import { ApiProblem, api } from '../../lib/api';
import { type CheckedFile, checkedFile } from './lib/checked-file';

/** JSON is YAML too. */
const fileOf = (text: string): Blob => new Blob([text], { type: 'application/yaml' });

const call = <Answer>(what: 'validate' | 'compare' | 'apply', text: string) =>
  api<Answer>(`/definitions/${what}`, { method: 'POST', body: fileOf(text) });

/** Statuses by which a file is refused for what is in it. */
const OF_THE_FILE = [400, 422];

/** What a file would change, or the problem that says why it cannot be told. */
async function comparison(text: string): Promise<DefinitionsPlan | ApiProblem> {
  try {
    return await call<DefinitionsPlan>('compare', text);
  } catch (error) {
    if (error instanceof ApiProblem && OF_THE_FILE.includes(error.status)) return error;
    throw error;
  }
}

/** Looks at a file: what is wrong with it, and what applying it would change. Nothing is written. */
export const useCheckFile = () =>
  useMutation({
    mutationFn: async (text: string): Promise<CheckedFile> => {
      const compared = await comparison(text);
      // what cannot be read has nothing more to be told of
      if (compared instanceof ApiProblem && compared.status === 400) return checkedFile(text, compared, null);
      return checkedFile(text, compared, await call<z.output<typeof validationAnswer>>('validate', text));
    },
  });

/** Creates and changes what a file has, all of it or nothing. */
export function useApplyFile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => call<DefinitionsPlan>('apply', text),
    onSuccess: () =>
      Promise.all(['syncs', 'connections'].map((name) => queries.invalidateQueries({ queryKey: [name] }))),
  });
}
