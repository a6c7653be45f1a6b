import { z } from 'zod';
import type { ObjectSummary } from '../../domain/object-description';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';

/** Where an object's calls live, and what is special about it (Marketo developer guide, "Lead database"). */
export interface ObjectKind {
  label: string;
  /** The path of its calls below `/rest/v1/`. */
  path: string;
  idField: string;
  idOrder: 'number' | 'bytes';
  isCustom: boolean;
}

const numbered = (label: string, path: string): ObjectKind => ({
  label,
  path,
  idField: 'id',
  idOrder: 'number',
  isCustom: false,
});
const named = (label: string, path: string): ObjectKind => ({
  label,
  path,
  idField: 'marketoGUID',
  idOrder: 'bytes',
  isCustom: false,
});

const STANDARD: ReadonlyMap<string, ObjectKind> = new Map([
  ['Lead', numbered('Person', 'leads')],
  ['Company', numbered('Company', 'companies')],
  ['Opportunity', named('Opportunity', 'opportunities')],
  ['OpportunityRole', named('Opportunity role', 'opportunities/roles')],
]);

/** What is known of an object by its name alone; everything that is no standard object is taken for a custom one. */
export const kindOf = (objectName: string): ObjectKind =>
  STANDARD.get(objectName) ?? {
    ...named(objectName, `customobjects/${encodeURIComponent(objectName)}`),
    isCustom: true,
  };

const customObjectAnswer = z.object({ name: z.string(), displayName: z.string().optional() });

/** A subscription without custom objects, or an API user without the permission, simply has none. */
const NO_CUSTOM_OBJECTS: ReadonlySet<string> = new Set(['603', '616', '703', '1026']);

/** The objects that Sync can work with. */
export async function listObjects(client: MarketoClient, signal: AbortSignal): Promise<ObjectSummary[]> {
  const standard = [...STANDARD].map(([name, { label }]) => ({ name, label, readable: true, writable: true }));
  return [...standard, ...(await customObjects(client, signal))];
}

async function customObjects(client: MarketoClient, signal: AbortSignal): Promise<ObjectSummary[]> {
  try {
    const call = { what: 'list custom objects', path: '/rest/v1/customobjects.json' };
    const { items } = await client.list(call, customObjectAnswer, signal);
    return items.map(({ name, displayName }) => ({ name, label: displayName ?? name, readable: true, writable: true }));
  } catch (error) {
    if (error instanceof ConnectorError && NO_CUSTOM_OBJECTS.has(error.code)) return [];
    throw error;
  }
}
