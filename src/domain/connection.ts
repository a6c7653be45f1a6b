import { z } from 'zod';

export const CONNECTION_KINDS = ['marketo', 'salesforce'] as const;
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

const secret = z.string().min(1).max(10_000);
/** The part of an instance's calls (a day, a window, at once) that Sync may use. */
const quotaShare = z.number().gt(0).max(1);

export const marketoSettings = z.strictObject({
  /** The instance's host; a trailing `/rest` or `/identity`, as the admin page shows it, is taken off. */
  baseUrl: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+(rest|identity)?\/*$/, '')),
  clientId: z.string().min(1).max(200),
  clientSecret: secret,
  /** Where people use the instance, such as `https://app-ab01.marketo.com`; for links alone. */
  webUrl: z
    .url({ protocol: /^https$/ })
    .transform((url) => new URL(url).origin)
    .optional(),
  dailyQuota: z.int().min(1).optional(),
  quotaShare: quotaShare.default(0.5),
});
export type MarketoSettings = z.output<typeof marketoSettings>;

export const salesforceSettings = z.strictObject({
  loginUrl: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  apiVersion: z
    .string()
    .regex(/^\d{2}\.0$/, 'an API version looks like 60.0')
    .default('60.0'),
  quotaShare: quotaShare.default(0.8),
  auth: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('clientCredentials'), clientId: z.string().min(1), clientSecret: secret }),
    z.strictObject({
      type: z.literal('jwt'),
      clientId: z.string().min(1),
      username: z.string().min(1),
      privateKey: secret,
    }),
    z.strictObject({
      type: z.literal('refreshToken'),
      clientId: z.string().min(1),
      clientSecret: secret.optional(),
      refreshToken: secret,
    }),
    z.strictObject({
      type: z.literal('password'),
      username: z.string().min(1),
      password: secret,
      securityToken: secret.optional(),
    }),
  ]),
});
export type SalesforceSettings = z.output<typeof salesforceSettings>;

const name = z.string().trim().min(1).max(200);
const newMarketoConnection = z.strictObject({ name, kind: z.literal('marketo'), settings: marketoSettings });
export const newSalesforceConnection = z.strictObject({
  name,
  kind: z.literal('salesforce'),
  settings: salesforceSettings,
});
export type NewSalesforceConnection = z.output<typeof newSalesforceConnection>;

export const newConnection = z.discriminatedUnion('kind', [newMarketoConnection, newSalesforceConnection]);
export type NewConnection = z.output<typeof newConnection>;

/** Where secrets lie in the settings of each kind: they are stored encrypted and never returned. */
export const SECRET_PATHS: Record<ConnectionKind, readonly string[]> = {
  marketo: ['clientSecret'],
  salesforce: ['auth.clientSecret', 'auth.privateKey', 'auth.refreshToken', 'auth.password', 'auth.securityToken'],
};
