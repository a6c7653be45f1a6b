import type { Org } from '../org';
import { type RecordReference, sequenceOf } from '../record-id';
import type { StoredValue } from '../stored-values';

/** The fields of a user as they are kept. */
export type UserRecord = (fieldName: string) => StoredValue;

/** @returns undefined when there is no such user */
export function userRecord(org: Org, user: RecordReference): UserRecord | undefined {
  const object = org.schema.require('User');
  const row = org.table(object).read(sequenceOf(user));
  if (!row) return undefined;
  return (name) => row[object.stored.find((field) => field.name === name)?.position ?? -1] ?? null;
}

export function isActive(user: UserRecord | undefined): boolean {
  return user?.('IsActive') === 1;
}
