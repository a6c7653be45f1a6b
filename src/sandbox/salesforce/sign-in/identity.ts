import type { Caller } from '../http-call';
import type { Org } from '../org';
import type { SetupRecords } from '../setup-records';
import { isoSeconds, type StoredValue } from '../stored-values';
import { type UserRecord, userRecord } from './user-record';

/** Who is signed in, and where. */
interface IdentityContext {
  org: Org;
  setup: SetupRecords;
  caller: Caller;
  baseUrl: string;
}

const text = (value: StoredValue): string | null => (typeof value === 'string' ? value : null);

/** Answer of the identity URL (help, "Identity URLs"). */
export function identityOf(context: IdentityContext): Record<string, unknown> {
  const { org, setup, baseUrl } = context;
  const user = recordOf(context);
  const userId = org.ids.encode(context.caller.user);
  return {
    id: idUrl(context),
    asserted_user: true,
    user_id: userId,
    organization_id: setup.organizationId,
    username: text(user('Username')),
    nick_name: text(user('CommunityNickname')),
    display_name: text(user('Name')),
    email: text(user('Email')),
    email_verified: true,
    first_name: text(user('FirstName')),
    last_name: text(user('LastName')),
    timezone: org.settings.timeZone,
    mobile_phone: text(user('MobilePhone')),
    is_app_installed: true,
    urls: urlsOf(context, userId),
    active: user('IsActive') === 1,
    user_type: 'STANDARD',
    language: text(user('LanguageLocaleKey')),
    locale: text(user('LocaleSidKey')),
    photos: { picture: `${baseUrl}/profilephoto/005/F`, thumbnail: `${baseUrl}/profilephoto/005/T` },
    last_modified_date: stamp(user('SystemModstamp')),
  };
}

/** Answer of the user information endpoint, in OpenID Connect's words. */
export function userInfoOf(context: IdentityContext): Record<string, unknown> {
  const { org, setup } = context;
  const user = recordOf(context);
  const userId = org.ids.encode(context.caller.user);
  return {
    sub: idUrl(context),
    user_id: userId,
    organization_id: setup.organizationId,
    preferred_username: text(user('Username')),
    nickname: text(user('CommunityNickname')),
    name: text(user('Name')),
    email: text(user('Email')),
    email_verified: true,
    given_name: text(user('FirstName')),
    family_name: text(user('LastName')),
    zoneinfo: org.settings.timeZone,
    active: user('IsActive') === 1,
    user_type: 'STANDARD',
    language: text(user('LanguageLocaleKey')),
    locale: text(user('LocaleSidKey')),
    urls: urlsOf(context, userId),
    updated_at: stamp(user('SystemModstamp')),
  };
}

function idUrl({ org, setup, caller, baseUrl }: IdentityContext): string {
  return `${baseUrl}/id/${setup.organizationId}/${org.ids.encode(caller.user)}`;
}

function recordOf({ org, caller }: IdentityContext): UserRecord {
  const user = userRecord(org, caller.user);
  if (!user) throw new Error('A session belongs to a user that the org has not');
  return user;
}

/** Addresses in which a client puts the version that it speaks. */
function urlsOf({ setup, baseUrl }: IdentityContext, userId: string): Record<string, string> {
  const organization15 = setup.organizationId.slice(0, 15);
  const rest = `${baseUrl}/services/data/v{version}/`;
  return {
    enterprise: `${baseUrl}/services/Soap/c/{version}/${organization15}`,
    metadata: `${baseUrl}/services/Soap/m/{version}/${organization15}`,
    partner: `${baseUrl}/services/Soap/u/{version}/${organization15}`,
    rest,
    sobjects: `${rest}sobjects/`,
    search: `${rest}search/`,
    query: `${rest}query/`,
    recent: `${rest}recent/`,
    tooling_soap: `${baseUrl}/services/Soap/T/{version}/${organization15}`,
    tooling_rest: `${rest}tooling/`,
    profile: `${baseUrl}/${userId}`,
    custom_domain: baseUrl,
  };
}

function stamp(epochMs: StoredValue): string | null {
  return typeof epochMs === 'number' ? `${isoSeconds(epochMs)}Z` : null;
}
