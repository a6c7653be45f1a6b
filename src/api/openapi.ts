import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import type { Route } from './route';
import { API_PREFIX, ROUTES } from './routes';

const problemAnswer = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'Problem details (RFC 9457): what happened, and which members would have to be different.',
    example: {
      type: 'about:blank',
      title: 'Invalid input',
      status: 422,
      detail: 'The definition cannot run as it is; each problem is named.',
      errors: [{ path: 'mappings[2].to', message: 'Contact has no field Emial.' }],
    },
  });

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The body is not valid JSON.',
  401: 'The API key is missing or wrong.',
  403: 'The role of the key does not reach, or the Host header is foreign.',
  404: 'There is no such thing.',
  409: 'Not possible as things stand; the detail says why.',
  412: 'Someone else has changed it meanwhile.',
  413: 'The body is too large.',
  415: 'The body is no JSON.',
  422: 'Members of the request are wrong; each is named.',
  502: 'The vendor could not be asked.',
};

/** Statuses that any route can refuse with. */
const refusalsOf = (spec: Route): number[] => [
  ...new Set([
    401,
    403,
    ...(spec.body ? [400, 413, 415, 422] : []),
    ...(spec.query || spec.method === 'post' ? [422] : []),
    ...(spec.refusals ?? []),
  ]),
];

function responses(spec: Route): ZodOpenApiResponsesObject {
  const refusals = refusalsOf(spec).map((status) => [
    String(status),
    { description: REFUSALS[status] ?? 'Refused.', content: { 'application/problem+json': { schema: problemAnswer } } },
  ]);
  const content = spec.answer
    ? { content: { 'application/json': { schema: spec.answer } } }
    : spec.stream
      ? { content: { [spec.stream.type]: { schema: z.string() } } }
      : {};
  return {
    [String(spec.status)]: { description: spec.summary, ...content },
    ...Object.fromEntries(refusals),
  } as ZodOpenApiResponsesObject;
}

function operation(spec: Route): ZodOpenApiOperationObject {
  const idempotencyKey = z.object({ 'Idempotency-Key': z.string().max(255).optional() });
  return {
    operationId: `${spec.method} ${spec.path}`.replaceAll(/[^a-z]+(.)/gi, (_, letter: string) => letter.toUpperCase()),
    summary: spec.summary,
    ...(spec.description ? { description: spec.description } : {}),
    tags: [spec.tag],
    requestParams: {
      ...(spec.params ? { path: spec.params as z.ZodObject } : {}),
      ...(spec.query ? { query: spec.query as z.ZodObject } : {}),
      ...(spec.method === 'post' ? { header: idempotencyKey } : {}),
    },
    ...(spec.body ? { requestBody: { required: true, content: { 'application/json': { schema: spec.body } } } } : {}),
    responses: responses(spec),
  };
}

/** `/syncs/:syncId` as the document writes it: `/syncs/{syncId}`. */
export const documentPath = (path: string): string => `${API_PREFIX}${path.replaceAll(/:(\w+)/g, '{$1}')}`;

/** The OpenAPI document of all routes, from the very schemas that check requests. @param serverUrl where the API is reached */
export function openApiDocument(serverUrl: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const spec of ROUTES)
    paths[documentPath(spec.path)] = { ...paths[documentPath(spec.path)], [spec.method]: operation(spec) };
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Sync',
      version: '1',
      description: 'Moves records between Marketo and Salesforce, in either direction, as durable workflows.',
    },
    servers: [{ url: serverUrl }],
    security: [{ apiKey: [] }],
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    paths,
  });
}
