import { z } from 'zod';
import type { ObjectSummary } from '../../domain/object-description';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';

/** Where an object's calls live, and what is special about it (Marketo developer guide, "Lead database"). */
export interface ObjectKind {
  label: string;
  /** The path of its calls below `/rest/v1/`. */
  path: string;
  /** The path of its description, where that is another one. */
  describedAt?: string;
  /** The path of its exports below `/bulk/v1/`, where that is another one. */
  exportedAt?: string;
  /** The program whose members the object stands for. */
  programId?: number;
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

/** Labels are those that people of both systems know: Marketo's API and its documentation say lead, its own pages say person. */
const STANDARD: ReadonlyMap<string, ObjectKind> = new Map([
  ['Lead', numbered('Lead', 'leads')],
  ['Company', numbered('Company', 'companies')],
  ['Opportunity', named('Opportunity', 'opportunities')],
  ['OpportunityRole', named('Opportunity role', 'opportunities/roles')],
]);

/** Memberships are kept by program, so each program's members are an object of their own: `ProgramMember:1005`. */
const PROGRAM_MEMBER = /^ProgramMember:(\d{1,10})$/;
/** Whether an object stands for the members of a program. */
export const isOfProgram = (objectName: string): boolean => PROGRAM_MEMBER.test(objectName);
export const programMembersOf = (programId: number): string => `ProgramMember:${programId}`;

const membersOf = (programId: number): ObjectKind => ({
  ...numbered(`Member of program ${programId}`, `programs/${programId}/members`),
  describedAt: 'programs/members',
  exportedAt: 'program/members',
  idField: 'leadId',
  programId,
});

/** What is known of an object by its name alone; everything that is no standard object is taken for a custom one. */
export function kindOf(objectName: string): ObjectKind {
  const programId = PROGRAM_MEMBER.exec(objectName)?.[1];
  if (programId !== undefined) return membersOf(Number(programId));
  const custom = { ...named(objectName, `customobjects/${encodeURIComponent(objectName)}`), isCustom: true };
  return STANDARD.get(objectName) ?? custom;
}

const customObjectAnswer = z.object({ name: z.string(), displayName: z.string().optional() });

/** A subscription without custom objects, or an API user without the permission, simply has none. */
const NO_CUSTOM_OBJECTS: ReadonlySet<string> = new Set(['603', '616', '703', '1026']);

/** The objects that Sync can work with. */
export async function listObjects(client: MarketoClient, signal: AbortSignal): Promise<ObjectSummary[]> {
  const standard = [...STANDARD].map(([name, { label }]) => ({ name, label, readable: true, writable: true }));
  return [...standard, ...(await customObjects(client, signal)), ...(await programMembers(client, signal))];
}

const programAnswer = z.object({ id: z.number(), name: z.string() });
/** The most that the asset API gives at once (Marketo developer guide, "Programs"). */
const PROGRAMS_OF_CALL = 200;
/** Members of other programs can be named all the same. */
const MOST_PROGRAM_CALLS = 5;

async function programMembers(client: MarketoClient, signal: AbortSignal): Promise<ObjectSummary[]> {
  const programs: z.output<typeof programAnswer>[] = [];
  try {
    for (let page = 0; page < MOST_PROGRAM_CALLS; page += 1) {
      const query = { maxReturn: String(PROGRAMS_OF_CALL), offset: String(page * PROGRAMS_OF_CALL) };
      const call = { what: 'list programs', path: '/rest/asset/v1/programs.json', query };
      const { items } = await client.list(call, programAnswer, signal);
      programs.push(...items);
      if (items.length < PROGRAMS_OF_CALL) break;
    }
  } catch (error) {
    // an API user may have no permission for assets
    if (!(error instanceof ConnectorError) || error.code !== '603') throw error;
  }
  return programs.map(({ id, name }) => ({
    name: programMembersOf(id),
    label: `Program member: ${name}`,
    readable: true,
    writable: true,
  }));
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
