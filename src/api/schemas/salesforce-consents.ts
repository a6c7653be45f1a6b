import { z } from 'zod';
import { salesforceSettings } from '../../domain/connection';

const { loginUrl, apiVersion, quotaShare } = salesforceSettings.shape;

const client = z.strictObject({
  loginUrl,
  apiVersion: apiVersion.optional(),
  quotaShare: quotaShare.optional(),
  clientId: z.string().min(1).max(500),
  clientSecret: z.string().min(1).max(10_000).optional(),
});

/** A new connection by its name, or the one that is connected anew. */
export const consentBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    connectionId: z.uuid().optional(),
    settings: client.meta({
      description: 'The app; its secret stays as it is where it is left out for a connection that has one',
    }),
  })
  .refine(({ name, connectionId }) => (name === undefined) !== (connectionId === undefined), {
    message: 'Give a name for a new connection, or the id of the one to connect anew.',
    path: ['name'],
  })
  .meta({
    id: 'NewSalesforceConsent',
    oneOf: [{ required: ['name'] }, { required: ['connectionId'] }],
    example: {
      name: 'Salesforce EU',
      settings: { loginUrl: 'https://login.salesforce.com', clientId: '3MVG9…', clientSecret: 'as the app shows it' },
    },
  });

export const consentAnswer = z
  .object({
    url: z.url().meta({ description: "Salesforce's page, to open in the browser of whoever asks" }),
    expiresAt: z.iso.datetime(),
  })
  .meta({
    id: 'SalesforceConsent',
    example: {
      url: 'https://login.salesforce.com/services/oauth2/authorize?response_type=code&client_id=…',
      expiresAt: '2026-12-01T09:10:00.000Z',
    },
  });

export const consentEnd = z
  .strictObject({ state: z.string().min(1).max(200), code: z.string().min(1).max(2_000) })
  .meta({ id: 'SalesforceConsentGiven', example: { state: 'as it came back', code: 'aPrx…' } });
