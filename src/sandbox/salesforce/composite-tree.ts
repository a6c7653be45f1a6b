import { ApiError, notFound } from './api-error';
import { invalid } from './composite-call';
import type { Field } from './field';
import { type Answer, type Call, json, objectBody } from './http-call';
import type { ObjectSchema } from './org-schema';
import { isRecordError, type RecordAccess, writeSessionOf } from './record-access';
import { type RecordError, recordError } from './record-error';
import type { RecordReference } from './record-id';
import type { RecordInput } from './record-input';

/** REST guide, "sObject Tree". */
const MAX_RECORDS = 200;
const MAX_LEVELS = 5;
const MAX_OBJECTS = 5;

/** One record of a tree, with the records below it. */
interface TreeNode {
  object: ObjectSchema;
  referenceId: string;
  values: Record<string, unknown>;
  children: readonly { lookup: Field; nodes: readonly TreeNode[] }[];
}

interface Waiting {
  node: TreeNode;
  parent?: { lookup: Field; reference: RecordReference };
}

class RolledBack extends Error {}

/** Makes records with their children: all of them, or none. */
export function createTree(access: RecordAccess, call: Call, objectName: string): Answer {
  const object = access.object(objectName);
  const { records } = objectBody(call);
  const counted = { records: 0, objects: new Set<string>() };
  const roots = nodesOf(access, object, records, 1, counted);
  if (counted.records > MAX_RECORDS || counted.objects.size > MAX_OBJECTS) {
    access.org.core.countViolation('batchTooLarge', `tree of ${counted.records} records`);
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `A tree can have at most ${MAX_RECORDS} records of ${MAX_OBJECTS} objects, found ${counted.records} of ${counted.objects.size}`,
    );
  }
  const repeatedIds = repeatedReferenceIds(roots);
  if (repeatedIds.length > 0)
    return refusedTree(repeatedIds.map((id) => ({ referenceId: id, errors: [sameIdTwice()] })));
  return write(access, call, object, roots);
}

function write(access: RecordAccess, call: Call, object: ObjectSchema, roots: readonly TreeNode[]): Answer {
  const session = writeSessionOf(call, `POST /composite/tree/${object.name}`);
  const made: { referenceId: string; id: string }[] = [];
  const failures: { referenceId: string; errors: RecordError[] }[] = [];
  try {
    access.org.transaction(() => {
      const waiting: Waiting[] = roots.map((node) => ({ node }));
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { node } = next;
        const input = inputOf(access, call, next);
        const result = isRecordError(input)
          ? { success: false as const, errors: [input] }
          : access.writer.create(node.object, input, session);
        if (!result.success) {
          failures.push({ referenceId: node.referenceId, errors: result.errors });
          continue;
        }
        made.push({ referenceId: node.referenceId, id: access.org.ids.encode(result.reference) });
        for (const { lookup, nodes } of node.children)
          for (const child of nodes) waiting.push({ node: child, parent: { lookup, reference: result.reference } });
      }
      if (failures.length > 0) throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    return refusedTree(failures);
  }
  return json({ hasErrors: false, results: made }, 201);
}

function refusedTree(failures: readonly { referenceId: string; errors: readonly RecordError[] }[]): Answer {
  const results = failures.map(({ referenceId, errors }) => ({
    referenceId,
    errors: errors.map(({ statusCode, message, fields }) => ({ statusCode, message, fields })),
  }));
  return json({ hasErrors: true, results }, 400);
}

function inputOf(access: RecordAccess, call: Call, { node, parent }: Waiting): RecordInput | RecordError {
  const input = access.read(node.object, node.values, [], call.body);
  if (isRecordError(input) || !parent) return input;
  return {
    assignments: [...input.assignments, { field: parent.lookup }],
    values: [...input.values, access.org.ids.encode(parent.reference)],
  };
}

/** @throws ApiError for the whole request when it is no tree of this object */
function nodesOf(
  access: RecordAccess,
  object: ObjectSchema,
  list: unknown,
  level: number,
  counted: { records: number; objects: Set<string> },
): TreeNode[] {
  if (!Array.isArray(list) || list.length === 0) throw invalid('A tree must have records');
  if (level > MAX_LEVELS) throw new ApiError(400, 'LIMIT_EXCEEDED', `A tree can have at most ${MAX_LEVELS} levels`);
  counted.records += list.length;
  counted.objects.add(object.name);
  return list.map((item) => {
    if (!isObject(item) || !isObject(item.attributes)) throw invalid('Each record of a tree must have attributes');
    const { type, referenceId } = item.attributes;
    if (typeof referenceId !== 'string' || referenceId === '') throw invalid('Include a reference ID for each record');
    if (typeof type !== 'string' || access.org.schema.object(type) !== object)
      throw invalid(`The record ${referenceId} must be of type ${object.name}`);
    const values: Record<string, unknown> = {};
    const children: { lookup: Field; nodes: TreeNode[] }[] = [];
    for (const [name, value] of Object.entries(item)) {
      if (!isObject(value) || !('records' in value)) {
        values[name] = value;
        continue;
      }
      const { child, lookup } = childrenNamed(access, object, name);
      children.push({ lookup, nodes: nodesOf(access, child, value.records, level + 1, counted) });
    }
    return { object, referenceId, values, children };
  });
}

function childrenNamed(
  access: RecordAccess,
  object: ObjectSchema,
  name: string,
): { child: ObjectSchema; lookup: Field } {
  const relationship = access.org.schema
    .childrenOf(object.name)
    .find(({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase());
  if (!relationship) throw new ApiError(400, 'INVALID_FIELD', `No such relationship '${name}' on ${object.name}`);
  const child = access.org.schema.object(relationship.child);
  if (!child) throw notFound();
  return { child, lookup: relationship.field };
}

function repeatedReferenceIds(nodes: readonly TreeNode[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  const visit = ({ referenceId, children }: TreeNode): void => {
    if (seen.has(referenceId)) twice.add(referenceId);
    seen.add(referenceId);
    for (const { nodes: below } of children) below.forEach(visit);
  };
  nodes.forEach(visit);
  return [...twice];
}

function sameIdTwice(): RecordError {
  return recordError('INVALID_INPUT', 'Duplicate ReferenceId provided in the request.');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
