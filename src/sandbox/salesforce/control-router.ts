import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import { z } from 'zod';
import { ApiError } from './api-error';
import { ControlRecords, conversionSchema, mergeSchema } from './control-records';
import { ControlRefusal } from './control-refusal';
import { fieldChangeSchema, fieldDeclarationSchema, objectDeclarationSchema, toFieldChanges } from './declarations';
import type { Field } from './field';
import { DeclarationError, type Org } from './org';
import {
  assignmentRuleSchema,
  duplicateRuleSchema,
  lockSchema,
  type OrgRules,
  validationRuleSchema,
} from './org-rules';
import type { ObjectSchema } from './org-schema';
import type { RecordAccess } from './record-access';
import type { SetupRecords } from './setup-records';

const recordTypeSchema = z.strictObject({ name: z.string().min(1).max(80), developerName: z.string().optional() });

/**
 * What the control API can do with a Salesforce org besides what it can with any instance: all that an administrator does
 * in Setup, and people in the user interface.
 */
export function createControlRouter(access: RecordAccess, setup: SetupRecords): RequestHandler {
  const { org, rules } = access;
  const records = new ControlRecords(access, setup);
  const router = express.Router();
  router.get('/settings', (_request, response) => void response.json(org.settings));
  router.patch('/settings', (request, response) => void response.json(org.changeSettings(request.body)));
  declareRoutes(router, org, records);
  ruleRoutes(router, org, rules, records);
  recordRoutes(router, access, records);
  router.use(refusals);
  return router;
}

function declareRoutes(router: Router, org: Org, records: ControlRecords): void {
  router.get('/objects', (_request, response) => {
    response.json({
      objects: org.schema.all().map((object) => ({ ...summary(object), records: org.table(object).count() })),
    });
  });
  router.post('/objects', (request, response) => {
    const declaration = objectDeclarationSchema.parse(request.body);
    for (const field of declaration.fields) requireTargets(org, field.referenceTo, declaration.name);
    response.status(201).json(described(org.declareObject(request.body)));
  });
  router.get('/objects/:object', (request, response) => {
    response.json(described(objectNamed(org, request.params.object)));
  });
  router.post('/objects/:object/fields', (request, response) => {
    const object = objectNamed(org, request.params.object);
    const { name, referenceTo } = fieldDeclarationSchema.parse(request.body);
    requireTargets(org, referenceTo);
    org.declareField(object.name, request.body);
    response.status(201).json(fieldNamed(org, object.name, name));
  });
  router.patch('/objects/:object/fields/:field', (request, response) => {
    const object = objectNamed(org, request.params.object);
    const { name } = fieldNamed(org, object.name, request.params.field);
    org.changeField(object.name, name, toFieldChanges(fieldChangeSchema.parse(request.body)));
    response.json(fieldNamed(org, object.name, name));
  });
  router.post('/objects/:object/record-types', (request, response) => {
    const object = objectNamed(org, request.params.object);
    const { name, developerName = name.replace(/\W+/g, '_') } = recordTypeSchema.parse(request.body);
    response.status(201).json({ id: records.addRecordType(object, { name, developerName }), name, developerName });
  });
}

function ruleRoutes(router: Router, org: Org, rules: OrgRules, records: ControlRecords): void {
  router.get('/rules', (_request, response) => void response.json(rules.list()));
  router.delete('/rules', (_request, response) => {
    rules.clear();
    response.status(204).end();
  });
  router.post('/rules/validation', (request, response) => {
    const rule = validationRuleSchema.parse(request.body);
    const object = objectNamed(org, rule.object);
    if (rule.field !== undefined) fieldNamed(org, object.name, rule.field);
    rules.addValidationRule(rule);
    response.status(201).json(rule);
  });
  router.post('/rules/duplicate', (request, response) => {
    const rule = duplicateRuleSchema.parse(request.body);
    const object = objectNamed(org, rule.object);
    for (const name of rule.matchFields) fieldNamed(org, object.name, name);
    rules.addDuplicateRule(rule);
    response.status(201).json(rule);
  });
  router.post('/rules/assignment', (request, response) => {
    const rule = assignmentRuleSchema.parse(request.body);
    const owner = fieldNamed(org, objectNamed(org, rule.object).name, 'OwnerId');
    const { object } = records.living(rule.ownerId);
    if (!owner.referenceTo.includes(object.name))
      throw new ControlRefusal(409, `A ${object.name} cannot own records of ${rule.object}`);
    rules.addAssignmentRule(rule);
    response.status(201).json(rule);
  });
  router.post('/locks', (request, response) => {
    const lock = lockSchema.parse(request.body);
    if (lock.where) fieldNamed(org, objectNamed(org, lock.where.object).name, lock.where.field);
    response.status(201).json({ id: rules.addLock(lock) });
  });
  router.delete('/locks', (_request, response) => {
    rules.clearLocks();
    response.status(204).end();
  });
}

function recordRoutes(router: Router, access: RecordAccess, records: ControlRecords): void {
  router.post('/leads/:id/convert', (request, response) => {
    response.json(records.convert(request.params.id, conversionSchema.parse(request.body ?? {})));
  });
  router.post('/merge', (request, response) => {
    records.merge(mergeSchema.parse(request.body));
    response.status(204).end();
  });
  router.post('/records/:id/undelete', (request, response) => {
    records.undelete(request.params.id);
    response.status(204).end();
  });
  router.post('/expire-locators', (_request, response) => {
    access.queries.expireLocators();
    response.status(204).end();
  });
}

function objectNamed(org: Org, name: string): ObjectSchema {
  const object = org.schema.object(name);
  if (!object) throw new ControlRefusal(404, `The org has no object ${name}`);
  return object;
}

/** Hidden fields are found too. */
function fieldNamed(org: Org, objectName: string, name: string): Field {
  const object = objectNamed(org, objectName);
  const field = [...object.fields, ...object.stored].find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!field) throw new ControlRefusal(404, `${object.name} has no field ${name}`);
  return field;
}

/** @param own name of the object that is being declared, which may point to itself */
function requireTargets(org: Org, names: readonly string[], own?: string): void {
  for (const name of names)
    if (name !== own && !org.schema.object(name))
      throw new ControlRefusal(409, `A lookup cannot point to ${name}: the org has no such object`);
}

function summary({ name, label, keyPrefix, custom }: ObjectSchema) {
  return { name, label, keyPrefix, custom };
}

function described(object: ObjectSchema) {
  const hidden = object.stored.filter((field) => field.hidden);
  return { ...summary(object), fields: [...object.fields, ...hidden] };
}

/** What contradicts the org; anything else is for the control API to answer. */
const refusals: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof ControlRefusal) response.status(error.status).json({ message: error.message });
  else if (error instanceof DeclarationError) response.status(409).json({ message: error.message });
  else if (error instanceof ApiError)
    response.status(400).json({ message: `${error.errorCode}: ${error.message.trim()}` });
  else next(error);
};
