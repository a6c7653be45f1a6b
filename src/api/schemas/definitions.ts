import { z } from 'zod';
import { CONNECTION_KINDS } from '../../domain/connection';
import { definitionsFile, syncInFile } from '../../domain/definition-file';
import { SYNC_STATUSES } from '../../domain/outcome';

const SYNC_ID = '9b2f6f0e-3d55-4b1e-8a0c-6f1f2f3a4b5c';
const CONNECTION_ID = '5f0c1c56-5f9e-4f0e-9a53-0d6c2a7e9b10';

/** An example that is complete, as the documents show it. */
export const DEFINITIONS: z.input<typeof definitionsFile> = {
  connections: [
    {
      name: 'Marketo EU',
      kind: 'marketo',
      settings: {
        baseUrl: 'https://123-ABC-456.mktorest.com',
        clientId: '4c1b1c6f-0b8e-4d0e-9d55-6d8f3b9b2a11',
        clientSecret: '$' + '{MARKETO_SECRET}',
      },
    },
    {
      name: 'Salesforce',
      kind: 'salesforce',
      settings: {
        loginUrl: 'https://example.my.salesforce.com',
        auth: { type: 'clientCredentials', clientId: 'sync', clientSecret: '$' + '{SALESFORCE_SECRET}' },
      },
    },
  ],
  syncs: [
    {
      name: 'EU leads to contacts',
      source: { connection: 'Marketo EU', object: 'Lead' },
      destination: { connection: 'Salesforce', object: 'Contact' },
      match: { source: 'email', destination: 'Email' },
      deduplicate: 'youngestByLastUpdate',
      mappings: [
        { from: { field: 'email' }, to: 'Email' },
        { from: { field: 'lastName' }, to: 'LastName' },
      ],
      filter: { column: 'country', operator: 'in', value: ['DE', 'AT'] },
      schedule: { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2026-12-01T02:30', timeZone: 'UTC' },
    },
  ],
};

const FILE_WORDS =
  'Connections and syncs. Syncs name their connections. A secret may be left out where the connection is there already, or be written as the ' +
  'name of an environment variable, which the command line puts in (`$' +
  '{MARKETO_SECRET}`).';

/** A file to be applied or compared. */
export const definitionsBody = definitionsFile.meta({
  id: 'Definitions',
  description: FILE_WORDS,
  example: DEFINITIONS,
});

/** A file to be checked, whatever is in it: what is wrong is the answer. */
export const uncheckedBody = z
  .looseObject({ connections: z.array(z.unknown()).default([]), syncs: z.array(z.unknown()).default([]) })
  .meta({
    id: 'UncheckedDefinitions',
    description: 'As `Definitions`; what does not fit that is told in the answer',
    example: DEFINITIONS,
  });

const connectionShown = z.object({
  name: z.string(),
  kind: z.enum(CONNECTION_KINDS),
  settings: z.record(z.string(), z.unknown()).meta({ description: 'Without the secrets' }),
});

/** What is exported: a file that can be applied as it is. */
export const definitionsAnswer = z.object({ connections: z.array(connectionShown), syncs: z.array(syncInFile) }).meta({
  id: 'ExportedDefinitions',
  example: {
    connections: [
      {
        name: 'Marketo EU',
        kind: 'marketo' as const,
        settings: { baseUrl: 'https://123-ABC-456.mktorest.com', clientId: '4c1b1c6f-0b8e-4d0e-9d55-6d8f3b9b2a11' },
      },
    ],
    syncs: definitionsFile.parse({ syncs: DEFINITIONS.syncs }).syncs,
  },
});

export const definitionsQuery = z.strictObject({
  format: z
    .enum(['yaml', 'json'])
    .optional()
    .meta({ description: 'Left out: as `Accept` says; JSON where that does not tell' }),
  syncId: z.uuid().optional().meta({ description: 'One sync alone, with its connections', example: SYNC_ID }),
});

const fileProblem = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().nullable().meta({ description: 'Where in the file, from 1' }),
});

export const validationAnswer = z
  .object({
    valid: z.boolean(),
    problems: z.array(fileProblem),
    notChecked: z.array(fileProblem).meta({
      description: 'Syncs whose objects could not be looked at yet, since their connection is still to be made',
    }),
  })
  .meta({
    id: 'Validation',
    example: {
      valid: false,
      problems: [{ path: 'syncs[0].mappings[2].to', message: 'Contact has no field Emial.', line: 31 }],
      notChecked: [],
    },
  });

const memberChange = z.object({
  path: z.string().meta({ description: 'Such as `schedule.every.amount` or `mappings[Email].default`' }),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  isSecret: z.boolean().optional().meta({ description: 'The value is not shown' }),
});

export const ACTIONS = ['create', 'change', 'unchanged'] as const;
const planned = {
  path: z.string().meta({ description: 'Where it stands in the file' }),
  name: z.string(),
  action: z.enum(ACTIONS),
  id: z.uuid().nullable().meta({ description: 'Null while it is not there' }),
  changes: z.array(memberChange),
};

const counts = z.object({ create: z.int(), change: z.int(), unchanged: z.int() });

/** What a file changes: as it would be, or as it was done. */
export const definitionsPlan = z
  .object({
    counts,
    connections: z.array(z.object({ ...planned, kind: z.enum(CONNECTION_KINDS) })),
    syncs: z.array(
      z.object({
        ...planned,
        status: z.enum(SYNC_STATUSES).nullable(),
        version: z.int().nullable(),
      }),
    ),
  })
  .meta({
    id: 'DefinitionsPlan',
    example: {
      counts: { create: 0, change: 1, unchanged: 1 },
      connections: [
        {
          path: 'connections[0]',
          name: 'Marketo EU',
          kind: 'marketo',
          action: 'unchanged',
          id: CONNECTION_ID,
          changes: [],
        },
      ],
      syncs: [
        {
          path: 'syncs[0]',
          name: 'EU leads to contacts',
          action: 'change',
          id: SYNC_ID,
          status: 'active',
          version: 3,
          changes: [{ path: 'schedule.every.amount', before: 2, after: 1 }],
        },
      ],
    },
  });
export type DefinitionsPlan = z.output<typeof definitionsPlan>;
