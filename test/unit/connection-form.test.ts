import { mergedSettings } from '../../src/api/changed-settings';
import { newConnection } from '../../src/domain/connection';
import {
  type ConnectionForm,
  connectionChangeOf,
  connectionOf,
  consentOf,
  formOf,
} from '../../src/web/features/connections/connection-form';

const MARKETO = {
  baseUrl: 'https://123-ABC-456.mktorest.com',
  clientId: 'client',
  clientSecret: 'secret',
  webUrl: 'https://app-ab01.marketo.com',
  dailyQuota: 20_000,
  quotaShare: 0.25,
};
const SALESFORCE = {
  loginUrl: 'https://login.salesforce.com',
  apiVersion: '58.0',
  quotaShare: 0.1,
  auth: { type: 'refreshToken' as const, clientId: 'client', refreshToken: 'token' },
};

const formWith = (kind: ConnectionForm['kind'], settings: object, typed: Partial<ConnectionForm['settings']>) => {
  const [id, at] = ['c7a6f3b0-7d1e-4a53-8c6f-2f9d1f0b7e21', '2026-03-01T09:30:00.000Z'];
  const links = { self: `/api/v1/connections/${id}` };
  const connection = { id, name: 'One', kind, settings: { ...settings }, identity: null, createdAt: at, updatedAt: at };
  const form = formOf({ ...connection, links });
  return { ...form, settings: { ...form.settings, ...typed } };
};
/** What the API stores of it. */
const stored = (before: object, form: ConnectionForm) =>
  newConnection.parse({
    ...connectionChangeOf(form),
    settings: mergedSettings({ ...before }, connectionChangeOf(form).settings),
  }).settings;

test('what is emptied of a connection goes back to its default, or away, and a secret that is blank stays', () => {
  const marketo = formWith('marketo', MARKETO, { dailyQuota: '', webUrl: ' ', quotaShare: '' });
  const salesforce = formWith('salesforce', SALESFORCE, { apiVersion: '', quotaShare: '' });

  const { webUrl: _webUrl, dailyQuota: _dailyQuota, ...rest } = MARKETO;
  expect(stored(MARKETO, marketo)).toEqual({ ...rest, quotaShare: 0.5 });
  expect(stored(SALESFORCE, salesforce)).toEqual({ ...SALESFORCE, apiVersion: '60.0', quotaShare: 0.8 });
});

test('what is left alone of a connection stays as it is', () => {
  expect(stored(MARKETO, formWith('marketo', MARKETO, {}))).toEqual(MARKETO);
  expect(stored(SALESFORCE, formWith('salesforce', SALESFORCE, {}))).toEqual(SALESFORCE);
});

test('of a new connection what is blank is left out; connected anew, a blank is the default', () => {
  const form = formWith('salesforce', SALESFORCE, { apiVersion: '', quotaShare: '20' });

  expect(connectionOf(form).settings).not.toHaveProperty('apiVersion');
  expect(consentOf(form, null)).toMatchObject({ name: 'One', settings: { quotaShare: 0.2 } });
  expect(consentOf(form, 'its-id')).toMatchObject({
    connectionId: 'its-id',
    settings: { apiVersion: '60.0', quotaShare: 0.2, clientId: 'client' },
  });
});
