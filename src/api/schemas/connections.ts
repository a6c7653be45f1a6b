import { z } from 'zod';
import { CONNECTION_KINDS, newConnection } from '../../domain/connection';
import { objectDescription, objectSummary } from '../../domain/object-description';
import { pageOf, pageQuery } from './page';

const CONNECTION_ID = '5f0c1c56-5f9e-4f0e-9a53-0d6c2a7e9b10';

export const connectionParams = z.object({ connectionId: z.uuid().meta({ example: CONNECTION_ID }) });
export const objectParams = connectionParams.extend({ object: z.string().min(1).max(200).meta({ example: 'Lead' }) });
export const connectionsQuery = pageQuery;

const NEW_CONNECTION: z.input<typeof newConnection> = {
  name: 'Marketo EU',
  kind: 'marketo',
  settings: {
    baseUrl: 'https://123-ABC-456.mktorest.com',
    clientId: '4c1b1c6f-0b8e-4d0e-9d55-6d8f3b9b2a11',
    clientSecret: 'as the LaunchPoint service shows it',
  },
};

export const connectionBody = newConnection.meta({ id: 'NewConnection', example: NEW_CONNECTION });

const CONNECTION = {
  id: CONNECTION_ID,
  name: 'Marketo EU',
  kind: 'marketo' as const,
  settings: {
    baseUrl: 'https://123-ABC-456.mktorest.com',
    clientId: '4c1b1c6f-0b8e-4d0e-9d55-6d8f3b9b2a11',
    quotaShare: 0.5,
  },
  identity: '123-ABC-456',
  createdAt: '2026-03-01T09:30:00.000Z',
  updatedAt: '2026-03-01T09:30:00.000Z',
  links: { self: `/api/v1/connections/${CONNECTION_ID}` },
};

/** A connection as it is shown: without its secrets. */
export const connectionAnswer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(CONNECTION_KINDS),
    settings: z.record(z.string(), z.unknown()).meta({ description: 'Without the secrets' }),
    identity: z.string().nullable().meta({ description: 'The org or instance, known since the first successful test' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Connection', example: CONNECTION });

export const connectionPage = pageOf(connectionAnswer, CONNECTION);

/** A change of a connection: members that are left out, secrets among them, stay as they are. */
export const connectionPatch = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    settings: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'ConnectionChange', example: { settings: { clientSecret: 'a new one' } } });

export const connectionTestAnswer = z
  .object({
    ok: z.boolean(),
    account: z.string().nullable(),
    quota: z.object({ used: z.number().nullable(), limit: z.number().nullable() }).nullable(),
    problem: z.string().nullable(),
  })
  .meta({
    id: 'ConnectionTest',
    example: { ok: true, account: '123-ABC-456', quota: { used: 1_204, limit: 50_000 }, problem: null },
  });

const OBJECT = { name: 'Lead', label: 'Lead', readable: true, writable: true };

export const objectPage = z
  .object({ items: z.array(objectSummary.meta({ id: 'Object' })), nextCursor: z.null() })
  .meta({ example: { items: [OBJECT], nextCursor: null } });

const EMAIL: z.output<typeof objectDescription>['fields'][number] = {
  name: 'email',
  label: 'Email Address',
  type: 'email',
  length: 255,
  precision: null,
  scale: null,
  required: false,
  createable: true,
  updateable: true,
  filterable: true,
  matchable: true,
  unique: false,
  externalId: false,
  caseSensitive: false,
  restricted: false,
  picklistValues: [],
  referenceTo: [],
};

export const objectAnswer = objectDescription.meta({
  id: 'ObjectDescription',
  example: {
    name: 'Lead',
    label: 'Lead',
    idOrder: 'number',
    idField: 'id',
    createdAtField: 'createdAt',
    updatedAtField: 'updatedAt',
    readableAsWhole: true,
    keyFields: ['id', 'email'],
    defaultMatchField: 'email',
    fields: [EMAIL],
  },
});
