import { type ConnectionKind, newConnection, SECRET_PATHS, salesforceSettings } from '../../../domain/connection';
import type { Connection } from './api';

/** What the form holds: texts as they are typed, of every kind and way of signing in, so that a change of mind loses nothing. */
export interface ConnectionForm {
  kind: ConnectionKind;
  name: string;
  settings: {
    baseUrl: string;
    clientId: string;
    clientSecret: string;
    dailyQuota: string;
    webUrl: string;
    loginUrl: string;
    apiVersion: string;
    /** Per cent. */
    quotaShare: string;
    auth: Record<AuthField, string> & { type: AuthType };
  };
}

/** `consent` is a way to come by a refresh token: on Salesforce's own page. */
export const AUTH_TYPES = ['clientCredentials', 'consent', 'jwt', 'refreshToken', 'password'] as const;
export type AuthType = (typeof AUTH_TYPES)[number];
export type AuthField =
  | 'clientId'
  | 'clientSecret'
  | 'username'
  | 'privateKey'
  | 'refreshToken'
  | 'password'
  | 'securityToken';

/** What each way of signing in to Salesforce asks for. */
export const AUTH_FIELDS: Record<AuthType, readonly AuthField[]> = {
  clientCredentials: ['clientId', 'clientSecret'],
  consent: ['clientId', 'clientSecret'],
  jwt: ['clientId', 'username', 'privateKey'],
  refreshToken: ['clientId', 'clientSecret', 'refreshToken'],
  password: ['username', 'password', 'securityToken'],
};

const text = (value: unknown, fallback = ''): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : fallback;

/** The form of a connection; its secrets are not known, and stay as they are where they are left blank. */
export function formOf(connection: Connection | null, kind: ConnectionKind = 'marketo'): ConnectionForm {
  const settings = connection?.settings ?? {};
  const auth = (settings.auth ?? {}) as Partial<Record<AuthField | 'type', unknown>>;
  const share = typeof settings.quotaShare === 'number' ? Math.round(settings.quotaShare * 100) : '';
  const known = (name: AuthField) => text(auth[name]);
  return {
    kind: connection?.kind ?? kind,
    name: connection?.name ?? '',
    settings: {
      baseUrl: text(settings.baseUrl),
      clientId: text(settings.clientId),
      clientSecret: '',
      dailyQuota: text(settings.dailyQuota),
      webUrl: text(settings.webUrl),
      loginUrl: text(settings.loginUrl, 'https://login.salesforce.com'),
      apiVersion: text(settings.apiVersion),
      quotaShare: String(share),
      auth: {
        type: AUTH_TYPES.find((type) => type === auth.type) ?? 'clientCredentials',
        clientId: known('clientId'),
        clientSecret: '',
        username: known('username'),
        privateKey: '',
        refreshToken: '',
        password: '',
        securityToken: '',
      },
    },
  };
}

/** Members that are blank are left out: those that have a default, that are optional, and secrets that stay. */
const filled = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== ''));

const numberOr = (typed: string): number | '' => (typed.trim() === '' ? '' : Number(typed));

/** What the API takes of the form. */
export function connectionOf({ kind, name, settings }: ConnectionForm) {
  const share = numberOr(settings.quotaShare);
  const quotaShare = share === '' ? '' : share / 100;
  if (kind === 'marketo') {
    const { baseUrl, clientId, clientSecret, dailyQuota, webUrl } = settings;
    return {
      kind,
      name: name.trim(),
      settings: filled({
        baseUrl: baseUrl.trim(),
        clientId: clientId.trim(),
        clientSecret: clientSecret.trim(),
        dailyQuota: numberOr(dailyQuota),
        webUrl: webUrl.trim(),
        quotaShare,
      }),
    };
  }
  const { type } = settings.auth;
  const auth = filled(Object.fromEntries(AUTH_FIELDS[type].map((field) => [field, settings.auth[field].trim()])));
  return {
    kind,
    name: name.trim(),
    settings: filled({
      loginUrl: settings.loginUrl.trim(),
      apiVersion: settings.apiVersion.trim(),
      quotaShare,
      auth: { type, ...auth },
    }),
  };
}

/** What a connection can do without: it has a default then, or there is none. */
const OPTIONAL: Record<ConnectionKind, readonly string[]> = {
  marketo: ['dailyQuota', 'webUrl', 'quotaShare'],
  salesforce: ['apiVersion', 'quotaShare'],
};

/** What the API takes to change a connection: what was emptied is taken away, while secrets that are blank stay. */
export function connectionChangeOf(form: ConnectionForm) {
  const { settings, ...rest } = connectionOf(form);
  const emptied = OPTIONAL[form.kind].filter((name) => !(name in settings));
  return { ...rest, settings: { ...Object.fromEntries(emptied.map((name) => [name, null])), ...settings } };
}

/** True where the connection is made of what a person allows on Salesforce's own page. */
export const asksConsent = ({ kind, settings }: ConnectionForm): boolean =>
  kind === 'salesforce' && settings.auth.type === 'consent';

/** What the API takes to begin that. @param connectionId the one to connect anew; null for a new one */
export function consentOf(form: ConnectionForm, connectionId: string | null) {
  const { name, settings } = connectionOf(form);
  const { auth, ...rest } = settings as { auth?: Record<string, unknown> };
  const { type: _way, ...client } = auth ?? {};
  if (connectionId !== null) {
    // what is left out stays as it was: a blank says its default
    const { apiVersion, quotaShare } = salesforceSettings.shape;
    const defaults = { apiVersion: apiVersion.parse(undefined), quotaShare: quotaShare.parse(undefined) };
    return { connectionId, settings: { ...defaults, ...rest, ...client } };
  }
  return { name, settings: { ...rest, ...client } };
}

export interface FormProblem {
  /** As the API names it, and as the form does: `settings.clientId`. */
  path: string;
  message: string;
}

/**
 * What the API would refuse of the form, by its own schema.
 * @param before the connection that is changed: its secrets stay where they are left blank
 */
export function connectionProblems(form: ConnectionForm, before: Connection | null): FormProblem[] {
  const parsed = newConnection.safeParse(asksConsent(form) ? withTokenToCome(form) : connectionOf(form));
  if (parsed.success) return [];
  const secrets = SECRET_PATHS[form.kind].map((path) => `settings.${path}`);
  const keepsSignIn = before !== null && sameSignIn(form, before);
  return parsed.error.issues
    .map(({ path, message, code }) => ({ path: path.join('.'), message, isMissing: code === 'invalid_type' }))
    .filter(({ path, isMissing }) => !(keepsSignIn && isMissing && secrets.includes(path)))
    .map(({ path, message, isMissing }) => ({
      path,
      message: MESSAGES[path] ?? (isMissing ? 'This field is required.' : message),
    }));
}

function withTokenToCome(form: ConnectionForm) {
  const { settings, ...rest } = connectionOf(form);
  const auth = { ...(settings.auth as object), type: 'refreshToken', refreshToken: 'to come' };
  return { ...rest, settings: { ...settings, auth } };
}

/** Another way of signing in needs secrets of its own. */
const sameSignIn = ({ kind, settings }: ConnectionForm, before: Connection): boolean =>
  kind === 'marketo' || (before.settings.auth as { type?: string } | undefined)?.type === settings.auth.type;

const ADDRESS = 'Enter an address that begins with https://';
const MESSAGES: Record<string, string> = {
  name: 'Enter a name of at most 200 characters.',
  'settings.baseUrl': `${ADDRESS}, such as https://123-ABC-456.mktorest.com.`,
  'settings.webUrl': `${ADDRESS}, or leave it blank.`,
  'settings.loginUrl': `${ADDRESS}, such as https://login.salesforce.com.`,
  'settings.apiVersion': 'Enter a version such as 60.0, or leave it blank.',
  'settings.dailyQuota': 'Enter a whole number of calls, or leave it blank.',
  'settings.quotaShare': 'Enter a number above 0 and up to 100, or leave it blank.',
};
