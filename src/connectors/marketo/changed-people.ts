import { z } from 'zod';
import type { Page, ReadRequest } from '../connector';
import type { MarketoClient } from './client';
import { fieldsToRead, readByFilter } from './query';
import { toSeconds } from './values';

/** Changes of values are kept for about 90 days (Marketo, "Activity retention"); with a margin. */
const KEPT_MS = 85 * 86_400_000;

/** Where the reading of the log of changes stands: at a place of the log, which never becomes invalid. */
export const changesCursor = z.object({ at: z.literal('changes'), token: z.string() });
export type ChangesCursor = z.output<typeof changesCursor>;

/** A moment that the log still reaches back to. */
export const isLogged = (sinceMs: number, nowMs: number): boolean => sinceMs > nowMs - KEPT_MS;

const change = z.object({ leadId: z.number() });
const UNLOGGED: ReadonlySet<string> = new Set(['id', 'createdAt', 'updatedAt']);

/** The beginning of the log's part since a moment: for subscriptions whose exports cannot be made by `updatedAt`. */
export async function openChanges(
  client: MarketoClient,
  sinceMs: number,
  signal: AbortSignal,
): Promise<ChangesCursor | null> {
  const token = await dateToken(client, sinceMs, signal);
  return token === undefined ? null : { at: 'changes', token };
}

/** The place in the log of activities at which a moment begins. */
export async function dateToken(
  client: MarketoClient,
  sinceMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = { sinceDatetime: toSeconds(sinceMs) };
  const call = { what: 'look into the log of activities', path: '/rest/v1/activities/pagingtoken.json', query };
  return (await client.list(call, z.unknown(), signal)).nextPageToken;
}

/** Reads the people that a page of the log names: new ones, and those of whom a field that is read has changed. */
export async function readChanges(
  client: MarketoClient,
  request: ReadRequest,
  { token }: ChangesCursor,
  signal: AbortSignal,
): Promise<Page> {
  const fields = fieldsToRead(request).filter((name) => !UNLOGGED.has(name));
  const form = { nextPageToken: token, fields: fields.length > 0 ? fields.join(',') : 'email', batchSize: '300' };
  const call = { what: 'read the log of changes', path: '/rest/v1/activities/leadchanges.json', form };
  const { items, nextPageToken, moreResult } = await client.list(call, change, signal);
  const ids = [...new Set(items.map(({ leadId }) => String(leadId)))];
  const records = ids.length === 0 ? [] : await readByFilter(client, request, 'id', ids, signal);
  // the token comes on every page, empty ones included; `moreResult` alone tells of another
  const next = moreResult && nextPageToken ? { at: 'changes', token: nextPageToken } : null;
  return { records, next };
}
