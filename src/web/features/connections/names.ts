import { useQueries } from '@tanstack/react-query';
import type { ObjectDescription } from '../../../domain/object-description';
import { descriptionQuery, objectsQuery } from '../sync-editor/api';
import { useConnections } from './api';

/** One end of a sync. */
export interface Endpoint {
  connectionId: string;
  object: string;
}

/**
 * Puts ends of syncs into words: `Contact in Demo Salesforce`, by the label of the object. Until connections and objects are loaded, and
 * where they cannot be, there are the names that the systems have for them.
 * @param ends those that may be asked for
 */
export function useEndInWords(
  ends: readonly (Endpoint | undefined)[],
): (end: Endpoint | undefined, link?: string) => string {
  const { data: connections } = useConnections();
  const connectionIds = [...new Set(ends.flatMap((end) => end?.connectionId ?? []))];
  const objects = useQueries({ queries: connectionIds.map(objectsQuery) });
  return (end, link = 'in') => {
    if (!end) return 'not chosen yet';
    const known = objects[connectionIds.indexOf(end.connectionId)]?.data;
    const label = known?.find(({ name }) => name === end.object)?.label ?? end.object;
    const name = connections?.find(({ id }) => id === end.connectionId)?.name;
    return name === undefined ? label : `${label} ${link} ${name}`;
  };
}

/** What is known of the object at an end, for the labels of its fields; null until it is loaded, and where it cannot be. */
export type ObjectOf = (end: Endpoint | undefined) => ObjectDescription | null;

/** @param ends those that may be asked for */
export function useObjectOf(ends: readonly (Endpoint | undefined)[]): ObjectOf {
  const wanted = new Map(ends.flatMap((end) => (end ? [[keyOf(end), end]] : [])));
  const descriptions = useQueries({ queries: [...wanted.values()].map(descriptionQuery) });
  const known = new Map([...wanted.keys()].map((key, index) => [key, descriptions[index]?.data]));
  return (end) => (end && known.get(keyOf(end))) ?? null;
}

const keyOf = ({ connectionId, object }: Endpoint): string => `${connectionId} ${object}`;
