import { createHash } from 'node:crypto';
import type { Org } from './org';
import type { RecordReference } from './record-id';
import type { StoredValue } from './stored-values';

/** Who an org is, and on whose behalf its API is used. */
export interface SetupRecords {
  /** 18 characters. */
  organizationId: string;
  userId: string;
  userReference: RecordReference;
  username: string;
}

const FIRST = 1;
const USER_DEFAULTS = {
  UserType: 'Standard',
  TimeZoneSidKey: 'GMT',
  LocaleSidKey: 'en_US',
  EmailEncodingKey: 'UTF-8',
  LanguageLocaleKey: 'en_US',
};

/**
 * Gives a new org what none is without: itself, a profile, the user of the API, a user who has left, and a queue.
 * An org that has them is left as it is.
 */
export function ensureSetupRecords(org: Org): SetupRecords {
  const username = usernameOf(org.core.name);
  const organization = organizationSequence(org.core.name);
  const user = org.reference(org.schema.require('User'), FIRST);
  if (!org.store.named('User').stateOf(FIRST)) org.transaction(() => insertAll(org, username, organization, user));
  return {
    organizationId: org.ids.encode(org.reference(org.schema.require('Organization'), organization)),
    userId: org.ids.encode(user),
    userReference: user,
    username,
  };
}

function insertAll(org: Org, username: string, organization: number, user: RecordReference): void {
  const profile = org.reference(org.schema.require('Profile'), FIRST);
  const person = { ...USER_DEFAULTS, ProfileId: profile };
  insert(org, user, 'Organization', organization, {
    Name: `Sandbox ${org.core.name}`,
    OrganizationType: 'Developer Edition',
    IsSandbox: 1,
    InstanceName: 'SBX1',
    TimeZoneSidKey: 'GMT',
    DefaultLocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
  });
  insert(org, user, 'Profile', FIRST, { Name: 'System Administrator' });
  insert(org, user, 'User', FIRST, {
    ...person,
    Username: username,
    FirstName: 'Sandbox',
    LastName: 'User',
    Name: 'Sandbox User',
    Alias: 'sandbox',
    Email: username,
    CommunityNickname: 'sandbox',
    IsActive: 1,
  });
  insert(org, user, 'User', FIRST + 1, {
    ...person,
    Username: `left.${username}`,
    FirstName: 'Former',
    LastName: 'Colleague',
    Name: 'Former Colleague',
    Alias: 'former',
    Email: `left.${username}`,
    CommunityNickname: 'former',
    IsActive: 0,
  });
  insert(org, user, 'Group', FIRST, { Name: 'New leads', DeveloperName: 'New_leads', Type: 'Queue' });
}

function insert(
  org: Org,
  user: RecordReference,
  objectName: string,
  sequence: number,
  values: Readonly<Record<string, StoredValue>>,
): void {
  const object = org.schema.require(objectName);
  const stamp = org.stamp();
  const common: Record<string, StoredValue> = {
    IsDeleted: 0,
    CreatedDate: stamp,
    CreatedById: user,
    LastModifiedDate: stamp,
    LastModifiedById: user,
    SystemModstamp: stamp,
  };
  const row = object.stored.map(({ name }) => values[name] ?? common[name] ?? null);
  org.table(object).insert(row, sequence);
}

/** User names are unique over all orgs. */
function usernameOf(orgName: string): string {
  return orgName === 'default' ? 'sandbox@example.com' : `sandbox@${orgName}.example.com`;
}

/** Orgs differ in their Ids by more than their servers. */
function organizationSequence(orgName: string): number {
  return createHash('sha256').update(orgName).digest().readUInt32BE(0);
}
