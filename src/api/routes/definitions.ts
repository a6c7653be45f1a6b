import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import { applyPlan, demandNoProblems } from '../definitions/apply';
import { exportAll, exportOne, jsonParts, yamlParts } from '../definitions/export';
import { type Plan, planAnswer, planDefinitions } from '../definitions/plan';
import { validateDefinitions } from '../definitions/validate';
import type { ApiDeps } from '../deps';
import { Problem } from '../problem';
import { type Caller, route } from '../route';
import {
  definitionsAnswer,
  definitionsBody,
  definitionsPlan,
  definitionsQuery,
  uncheckedBody,
  validationAnswer,
} from '../schemas/definitions';

const YAML = 'application/yaml';

/** @throws Problem 403 for secrets of others than admins: what a comparison says of a secret is a guess confirmed */
async function planned(deps: ApiDeps, file: z.output<typeof uncheckedBody>, caller: Caller): Promise<Plan> {
  const plan = await planDefinitions(deps, file);
  const [secret] = plan.connections.filter(({ givesSecrets }) => givesSecrets);
  if (!secret || caller.role === 'admin') return plan;
  throw new Problem(
    403,
    `The file holds a secret of "${secret.inFile.name}", which the role admin alone may give; the key has the role ${caller.role}. ` +
      'Leave secrets out: those that are stored stay as they are.',
  );
}

export const definitionRoutes = [
  route({
    method: 'get',
    path: '/definitions',
    summary: 'Export all connections and syncs, without secrets',
    description:
      'As YAML with `format=yaml` or `Accept: application/yaml`, else as JSON. What is exported can be applied, here or elsewhere. ' +
      'Its JSON Schema for editors is at `/definitions.schema.json`.',
    tag: 'Definitions',
    role: 'viewer',
    query: definitionsQuery,
    status: 200,
    answer: definitionsAnswer,
    refusals: [404],
    stream: {
      type: YAML,
      schema: definitionsAnswer,
      example: definitionsAnswer.meta()?.example,
      async write({ query, signal }, { response, open }, deps) {
        const accepted = response.req.accepts('application/json', YAML, 'application/x-yaml', 'text/yaml');
        const isYaml =
          query.format === undefined ? accepted && accepted !== 'application/json' : query.format === 'yaml';
        const exported = query.syncId === undefined ? exportAll(deps) : await exportOne(deps, query.syncId);
        const parts = isYaml ? yamlParts(exported, deps.settings.publicUrl) : jsonParts(exported);
        const sent = open().type(isYaml ? YAML : 'application/json');
        await pipeline(Readable.from(parts), sent).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      },
    },
  }),
  route({
    method: 'post',
    path: '/definitions/validate',
    summary: 'Check a file of connections and syncs, as activation checks each sync',
    description:
      'Nothing is written. Connections that the file adds are tried by an admin’s call alone, if their secrets are given.',
    tag: 'Definitions',
    role: 'viewer',
    body: uncheckedBody,
    takesFile: uncheckedBody,
    status: 200,
    answer: validationAnswer,
    async handle({ body, caller, signal, file }, deps) {
      const { problems, notChecked } = await validateDefinitions(deps, body, caller, signal);
      const [withLines, notYet] = await Promise.all([file.withLines(problems), file.withLines(notChecked)]);
      return { valid: problems.length === 0, problems: withLines, notChecked: notYet };
    },
  }),
  route({
    method: 'post',
    path: '/definitions/compare',
    summary: 'Tell what applying a file would create and change, member by member',
    description: 'Nothing is written. What is not in the file is left alone.',
    tag: 'Definitions',
    role: 'viewer',
    body: uncheckedBody,
    takesFile: definitionsBody,
    status: 200,
    answer: definitionsPlan,
    async handle({ body, caller }, deps) {
      const plan = await planned(deps, body, caller);
      demandNoProblems(plan.problems);
      return planAnswer(plan);
    },
  }),
  route({
    method: 'post',
    path: '/definitions/apply',
    summary: 'Create and change connections and syncs as a file has them',
    description:
      'All or nothing; a second time it changes nothing. New syncs are drafts; what is active must be complete, as with `PUT`. Nothing is ' +
      'deleted: what is not in the file is left alone. Connections are added and changed by the role admin alone; settings that the file leaves ' +
      'out go back to their defaults, and secrets that it leaves out stay.',
    tag: 'Definitions',
    role: 'operator',
    body: uncheckedBody,
    takesFile: definitionsBody,
    status: 200,
    answer: definitionsPlan,
    refusals: [409, 412, 502, 503, 504],
    async handle({ body, ...call }, deps) {
      return applyPlan(deps, await planned(deps, body, call.caller), call);
    },
  }),
];
