import { documentPath, openApiDocument, refusalsOf } from '../../src/api/openapi';
import { ROUTES } from '../../src/api/routes';
import { webhookPayload } from '../../src/api/schemas/webhooks';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks';

const document = openApiDocument('http://127.0.0.1:3000') as unknown as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};
interface Operation {
  operationId: string;
  description: string;
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { content?: Record<string, Content> }>;
}
interface Content {
  schema: unknown;
  example?: unknown;
}

const named = ROUTES.map((spec) => [`${spec.method.toUpperCase()} ${spec.path}`, spec] as const);
const operationOf = (spec: (typeof ROUTES)[number]) => document.paths[documentPath(spec.path)]?.[spec.method];

test('every route is in the document, and nothing else but what is asked about health (ASVS 2.1.1)', () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const served = ROUTES.map((spec) => `${spec.method} ${documentPath(spec.path)}`);

  expect(documented.sort()).toEqual([...served, 'get /healthz', 'get /readyz'].sort());
});

test('each operation has a name of its own', () => {
  const names = ROUTES.map((spec) => operationOf(spec)?.operationId);

  expect(new Set(names).size).toBe(ROUTES.length);
});

test.each(named)('%s is documented with its role, its refusals and examples', (_name, spec) => {
  const operation = operationOf(spec);
  const contents = [
    ...Object.values(operation?.requestBody?.content ?? {}),
    ...Object.values(operation?.responses ?? {}).flatMap(({ content }) => Object.values(content ?? {})),
  ];

  expect(operation?.description).toContain(`the role ${spec.role}`);
  expect(Object.keys(operation?.responses ?? {})).toEqual([spec.status, ...refusalsOf(spec)].map(String).sort());
  expect(contents.filter(({ example }) => example === undefined)).toEqual([]);
});

test.each(named.filter(([, { isSecret }]) => isSecret))('%s tells that a repeat gets no secret', (_name, spec) => {
  expect(Object.keys(operationOf(spec)?.responses ?? {})).toContain('409');
});

test('rules that hold between members of a body are in the document', () => {
  const { GiveUp, NewSalesforceConsent, WebhookSettings } = document.components.schemas;

  expect(GiveUp).toMatchObject({ anyOf: [{ required: ['sourceIds'] }, { required: ['reasons'] }] });
  expect(NewSalesforceConsent).toMatchObject({ oneOf: [{ required: ['name'] }, { required: ['connectionId'] }] });
  expect(WebhookSettings).toMatchObject({ properties: { events: { uniqueItems: true } } });
});

test.each(named)('the examples of %s fit its own schemas', (_name, spec) => {
  for (const schema of [spec.body, spec.answer ?? undefined]) {
    if (!schema) continue;
    const parsed = schema.safeParse(schema.meta()?.example);
    expect(parsed.error?.issues ?? []).toEqual([]);
  }
});

test('no schema is named that is not there, and no secret is in an answer', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => String(name));

  expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  expect(JSON.stringify(document.components.schemas.Connection)).not.toMatch(
    /clientSecret|privateKey|password|refreshToken/,
  );
});

test('what webhooks are sent is described, each event with an example that fits', () => {
  const { webhooks } = openApiDocument('http://127.0.0.1:3000') as unknown as {
    webhooks: Record<string, { post: Operation }>;
  };

  expect(Object.keys(webhooks)).toEqual([...WEBHOOK_EVENTS, 'webhook.test']);
  for (const { post } of Object.values(webhooks)) {
    expect(post.requestBody?.content['application/json']?.example).toEqual(webhookPayload.meta()?.example);
  }
  expect(webhookPayload.safeParse(webhookPayload.meta()?.example).error?.issues ?? []).toEqual([]);
});
