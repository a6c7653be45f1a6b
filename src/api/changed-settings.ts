import { isDeepStrictEqual } from 'node:util';
import type { StoredConnection } from '../../db/queries/connections';
import type { NewConnection } from '../domain/connection';

type Settings = Record<string, unknown>;

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Another way to sign in has other members: it replaces the one before as a whole. */
const isSameType = (before: Settings, after: Settings): boolean =>
  after.type === undefined || before.type === after.type;

/**
 * Settings with changes: members of `changes` replace those of `settings`, in nested objects too; null takes a member away
 * (JSON Merge Patch, RFC 7396, but that another `type` of `auth` starts from nothing).
 */
export function mergedSettings(settings: Settings, changes: Settings): Settings {
  const merged = new Map(Object.entries(settings));
  for (const [name, value] of Object.entries(changes)) {
    const before = merged.get(name);
    if (value === null) merged.delete(name);
    else if (isSettings(value) && isSettings(before) && isSameType(before, value))
      merged.set(name, mergedSettings(before, value));
    else merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

/** Settings that say how much is asked, not of whom. */
const SAY_HOW_MUCH = ['quotaShare', 'dailyQuota', 'apiVersion'];

/** True when changed settings sign in at another place or as someone else. */
export function signsInElsewhere(before: Pick<StoredConnection, 'settings'>, after: NewConnection): boolean {
  const signIn = ({ settings }: { settings: Settings }): Settings =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => !SAY_HOW_MUCH.includes(name)));
  return !isDeepStrictEqual(signIn(before), signIn(after));
}
