import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { z } from 'zod';
import { type ActivityTypes, activityTypeSchema } from './activity-types';
import { type ApiUsers, apiUserSchema } from './api-users';
import { newLeadFieldSchema } from './lead-fields';
import type { ObjectApis } from './object-apis';
import { newCustomObjectSchema, toCustomObjectType } from './object-types';
import { newProgramSchema, type ProgramStore } from './program-store';
import type { MarketoStores } from './stores';

interface ControlRouterOptions {
  stores: MarketoStores;
  users: ApiUsers;
  types: ActivityTypes;
  programs: ProgramStore;
  apis: ObjectApis;
}

const fieldChangeSchema = z.strictObject({
  displayName: z.string().min(1).optional(),
  description: z.string().optional(),
  readOnly: z.boolean().optional(),
  isHidden: z.boolean().optional(),
});
const partitionSchema = z.strictObject({ name: z.string().min(1), description: z.string().optional() });
const listSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  programName: z.string().optional(),
  members: z.array(z.number().int()).default([]),
});
const recordsSchema = z.strictObject({
  object: z.enum(['leads', 'companies']),
  records: z.array(z.record(z.string(), z.unknown())),
});

/** What the control API can do with a Marketo instance besides what it can with any. */
export function createControlRouter({ stores, users, types, programs, apis }: ControlRouterOptions): RequestHandler {
  const { settings, fields, lists, partitions, leads, companies } = stores;
  const router = express.Router();
  router.get('/settings', (_request, response) => void response.json(settings.current()));
  router.patch('/settings', (request, response) => void response.json(settings.change(request.body)));

  router.get('/fields', (_request, response) => void response.json({ fields: fields.everything() }));
  router.post('/fields', (request, response) => {
    response.status(201).json(fields.add(newLeadFieldSchema.parse(request.body)));
  });
  router.patch('/fields/:name', (request, response) => {
    const field = fields.change(request.params.name, fieldChangeSchema.parse(request.body));
    if (field) response.json(field);
    else response.status(404).json({ message: `There is no field ${request.params.name}` });
  });

  router.get('/custom-objects', (_request, response) => void response.json({ customObjects: apis.customTypes() }));
  router.post('/custom-objects', (request, response) => {
    const type = toCustomObjectType(newCustomObjectSchema.parse(request.body));
    stores.objects.keepCustomType(type);
    apis.customTypes(); // known from now on
    response.status(201).json(type);
  });
  router.post('/activity-types', (request, response) => {
    response.status(201).json(types.add(activityTypeSchema.parse(request.body)));
  });
  router.post('/api-users', (request, response) => {
    const user = apiUserSchema.parse(request.body);
    users.keep(user);
    response.status(201).json(user);
  });
  router.post('/partitions', (request, response) => {
    const { name, description } = partitionSchema.parse(request.body);
    response.status(201).json(partitions.add(name, description));
  });
  router.post('/programs', (request, response) => {
    response.status(201).json(programs.add(newProgramSchema.parse(request.body)));
  });
  router.post('/lists', (request, response) => {
    const { members, ...wanted } = listSchema.parse(request.body);
    const list = lists.byName(wanted.name) ?? lists.add(wanted);
    for (const leadId of members) lists.addMember(list.id, leadId);
    response.status(201).json({ ...list, members: lists.memberCount(list.id) });
  });

  router.get('/counts', (_request, response) => {
    response.json({ leads: leads.count(), companies: companies.count() });
  });
  router.post('/records', (request, response) => {
    const { object, records } = recordsSchema.parse(request.body);
    response.status(201).json({ inserted: stores.insertRecords(object, records) });
  });
  router.use(refuseContradictions);
  return router;
}

/** A wish that contradicts what is there; anything else is for the control API to answer. */
const refuseContradictions: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof RangeError) response.status(409).json({ message: error.message });
  else next(error);
};
