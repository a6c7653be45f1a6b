/** Files that `npm run sandbox` is given to begin with. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { VendorKind } from './core';
import { type FaultInput, faultSchema } from './faults';
import { objectDeclarationSchema } from './salesforce/declarations';
import type { Org } from './salesforce/org';

const instanceName = (kinds: readonly VendorKind[]) =>
  z.string().regex(new RegExp(`^(${kinds.join('|')})/[a-z0-9-]+$`), `an instance, such as ${kinds[0]}/default`);

const faultFileSchema = z.array(faultSchema.extend({ instance: instanceName(['salesforce', 'marketo']) }).strict());

const objectFileSchema = z.array(
  objectDeclarationSchema.extend({ instance: instanceName(['salesforce']), name: z.string().min(1) }).strict(),
);

/** A file that cannot be used: what is wrong with it, in words. */
export class StartFileError extends Error {
  override name = 'StartFileError';
}

/** Adds the faults of a file: `[{"instance": "marketo/default", …fault}]`. @throws StartFileError */
export function addFaults(
  path: string,
  hostOf: (instance: string) => { addFault(fault: FaultInput): unknown } | undefined,
) {
  for (const { instance, ...fault } of read(path, faultFileSchema)) hostIn(path, instance, hostOf).addFault(fault);
}

/**
 * Declares the custom objects of a file, and the fields that it adds to others, unless they are there:
 * `[{"instance": "salesforce/default", "name": "Plan__c", "fields": […]}, {"instance": …, "name": "Contact", "fields": […]}]`.
 * @throws StartFileError
 */
export function declareObjects(path: string, orgOf: (instance: string) => Org | undefined): void {
  for (const { instance, fields, ...object } of read(path, objectFileSchema)) {
    const org = hostIn(path, instance, orgOf);
    if (!org.schema.object(object.name) && isCustomName(object.name)) org.declareObject(object);
    for (const field of fields) {
      for (const name of [object.name, ...field.referenceTo])
        if (!org.schema.object(name)) throw new StartFileError(`${path}: the org has no object ${name}.`);
      const isThere = org.schema.object(object.name)?.stored.some(({ name }) => name === field.name);
      if (!isThere) org.declareField(object.name, field);
    }
  }
}

const isCustomName = (name: string): boolean => objectDeclarationSchema.shape.name.safeParse(name).success;

function hostIn<Found>(path: string, instance: string, find: (instance: string) => Found | undefined): Found {
  const found = find(instance);
  if (!found) throw new StartFileError(`${path}: there is no instance ${instance}.`);
  return found;
}

function read<Output>(path: string, schema: z.ZodType<Output>): Output {
  const parsed = schema.safeParse(jsonIn(path));
  if (!parsed.success) throw new StartFileError(`${path}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new StartFileError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
