import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { TEST_EVENT, WEBHOOK_EVENTS } from '../domain/webhooks';
import { idempotencyKey } from './change';
import { REFUSALS, TITLES } from './problem';
import type { Route } from './route';
import { API_PREFIX, ROUTES } from './routes';
import { healthAnswer, readinessAnswer } from './schemas/health';
import { problemAnswer } from './schemas/problem';
import { webhookHeaders, webhookPayload } from './schemas/webhooks';

/** Statuses that a route can refuse with. */
export const refusalsOf = (spec: Route): number[] =>
  [
    ...new Set([
      401,
      403,
      429,
      // what a query does not know is refused everywhere
      422,
      431,
      500,
      503,
      ...(spec.params ? [404] : []),
      ...(spec.body ? [400, 413, 415] : []),
      // what is shown once is not shown to a repeat
      ...(spec.isSecret ? [409] : []),
      ...(spec.refusals ?? []),
    ]),
  ].sort((one, other) => one - other);

const problemExample = (status: number) => ({
  type: 'about:blank',
  title: TITLES[status] ?? 'Error',
  status,
  detail: REFUSALS[status] ?? 'It was refused.',
  ...(status === 422 ? { errors: [{ path: 'mappings[2].to', message: 'Contact has no field Emial.' }] } : {}),
});

const refusal = (status: number): ZodOpenApiResponseObject => ({
  description: REFUSALS[status] ?? 'It was refused.',
  content: { 'application/problem+json': { schema: problemAnswer, example: problemExample(status) } },
});

function success(spec: Route): ZodOpenApiResponseObject {
  const description = spec.summary;
  if (spec.stream) {
    const { type, schema = z.string(), example } = spec.stream;
    const json = spec.answer && { 'application/json': { schema: spec.answer, ...exampleOf(spec.answer) } };
    return { description, content: { [type]: { schema, example }, ...json } };
  }
  if (!spec.answer) return { description };
  return { description, content: { 'application/json': { schema: spec.answer, ...exampleOf(spec.answer) } } };
}

/** The document shows an example of each body, beside the schema that has it. */
const exampleOf = (schema: z.ZodType): { example?: unknown } => {
  const example = schema.meta()?.example;
  return example === undefined ? {} : { example };
};

const responses = (spec: Route): ZodOpenApiResponsesObject => ({
  [`${spec.status}` as '200']: success(spec),
  ...Object.fromEntries(refusalsOf(spec).map((status) => [status, refusal(status)])),
});

const ifMatch = z.string().optional().meta({
  description:
    'The `ETag` of the version that the change was made on; without it, the change is made whatever the version',
  example: '"3"',
});

const headersOf = (spec: Route) => {
  if (spec.method === 'post' && !spec.holdsValues)
    return { header: z.object({ 'Idempotency-Key': idempotencyKey.optional() }) };
  return spec.method === 'put' ? { header: z.object({ 'If-Match': ifMatch }) } : {};
};

const operationId = ({ method, path }: Route): string =>
  `${method} ${path}`.replaceAll(/[^a-z]+(.)/gi, (_, letter: string) => letter.toUpperCase());

function operation(spec: Route): ZodOpenApiOperationObject {
  const csv = spec.csvExample && { 'text/csv': { schema: z.string(), example: spec.csvExample } };
  const schema = spec.takesFile ?? spec.body;
  const json = schema && { schema, ...exampleOf(schema) };
  const yaml = json && spec.takesFile && { 'application/yaml': json };
  const content = json && { 'application/json': json, ...yaml, ...csv };
  const needs = `Needs the role ${spec.role}.`;
  return {
    operationId: operationId(spec),
    summary: spec.summary,
    description: spec.description ? `${spec.description} ${needs}` : needs,
    tags: [spec.tag],
    requestParams: {
      ...(spec.params ? { path: spec.params as z.ZodObject } : {}),
      ...(spec.query ? { query: spec.query as z.ZodObject } : {}),
      ...headersOf(spec),
    },
    ...(content ? { requestBody: { required: !spec.isBodyOptional, content } } : {}),
    responses: responses(spec),
  };
}

/** What orchestrators ask, without a key. */
const HEALTH: ZodOpenApiPathsObject = {
  '/healthz': {
    get: {
      operationId: 'getHealthz',
      summary: 'The process lives',
      tags: ['Health'],
      security: [],
      responses: {
        200: { description: 'It lives.', content: { 'application/json': { schema: healthAnswer } } },
      },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadyz',
      summary: 'Everything that is needed is there: database, its newest schema, Temporal, a worker',
      tags: ['Health'],
      security: [],
      responses: {
        200: { description: 'All is there.', content: { 'application/json': { schema: readinessAnswer } } },
        503: {
          description: '`missing` names what is not.',
          content: { 'application/json': { schema: readinessAnswer } },
        },
      },
    },
  },
};

/** What receivers of webhooks get. */
const WEBHOOKS: ZodOpenApiPathsObject = Object.fromEntries(
  [...WEBHOOK_EVENTS, TEST_EVENT].map((type) => [
    type,
    {
      post: {
        operationId: type.replace(/\.(.)/, (_, letter: string) => letter.toUpperCase()),
        summary: 'Sent to webhooks that listen, signed by the scheme of Standard Webhooks',
        tags: ['Webhooks'],
        security: [],
        requestParams: { header: webhookHeaders },
        requestBody: {
          required: true,
          content: { 'application/json': { schema: webhookPayload, ...exampleOf(webhookPayload) } },
        },
        responses: { '2XX': { description: 'It was received. Any other answer has it sent again later.' } },
      },
    },
  ]),
);

/** `/syncs/:syncId` as the document writes it: `/api/v1/syncs/{syncId}`. */
export const documentPath = (path: string): string => `${API_PREFIX}${path.replaceAll(/:(\w+)/g, '{$1}')}`;

/** The OpenAPI document of all routes, from the very schemas that check requests. @param serverUrl where the API is reached */
export function openApiDocument(serverUrl: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const spec of ROUTES) {
    const path = documentPath(spec.path);
    paths[path] = { ...paths[path], [spec.method]: operation(spec) };
  }
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
    paths: { ...paths, ...HEALTH },
    webhooks: WEBHOOKS,
  });
}
