import { suggestMappings } from '../../domain/suggest-mappings';
import { route } from '../route';
import { countAnswer, examplesAnswer, examplesBody, suggestionsAnswer, suggestionsBody } from '../schemas/mappings';
import { queryBody } from '../schemas/syncs';
import { askConnection } from '../vendor';
import { countRecords } from '../view-query';

/** Enough to see what a field holds as a rule. */
const EXAMPLES = 20;

export const mappingRoutes = [
  route({
    method: 'post',
    path: '/suggest-mappings',
    summary: 'Suggest mappings between two objects',
    description:
      'Each destination field at most once, in the order of the destination. Fields of consent, such as unsubscribed, are never suggested.',
    tag: 'Syncs',
    role: 'viewer',
    body: suggestionsBody,
    status: 200,
    answer: suggestionsAnswer,
    refusals: [404, 409, 502, 503, 504],
    async handle({ body, signal }, deps) {
      const [source, destination] = await Promise.all(
        [body.source, body.destination].map(({ connectionId, object }) =>
          askConnection(deps, connectionId, signal, ({ describe }, limited) => describe(object, limited)),
        ),
      );
      return { items: source && destination ? suggestMappings(source, destination) : [], nextCursor: null };
    },
  }),
  route({
    method: 'post',
    path: '/examples',
    summary: 'Some records of an object, to see what its fields hold',
    description:
      'Up to twenty, whichever are had by a few calls; none of objects that the system gives by their keys or exports alone.',
    tag: 'Syncs',
    role: 'operator',
    body: examplesBody,
    status: 200,
    answer: examplesAnswer,
    refusals: [404, 409, 502, 503, 504],
    async handle({ body: { connectionId, object: name }, signal }, deps) {
      const items = await askConnection(deps, connectionId, signal, async ({ connector, describe }, limited) => {
        const object = await describe(name, limited);
        const fields = object.fields.filter(({ type }) => type !== 'other').map((field) => field.name);
        const request = { object, fields, filter: null, changedSince: null, asOf: deps.now(), timeZone: 'UTC' };
        const records = await connector.examples(request, EXAMPLES, limited);
        return records.map(({ sourceId, values }) => ({
          sourceId,
          values: Object.fromEntries(fields.map((field, index) => [field, values[index] ?? null])),
        }));
      });
      return { items, nextCursor: null };
    },
  }),
  route({
    method: 'post',
    path: '/count',
    summary: 'Count the records that a filter selects, where the system tells that without reading',
    description: 'Of the definition, which may be incomplete, the members that reading depends on are looked at.',
    tag: 'Syncs',
    role: 'operator',
    body: queryBody,
    takesDefinition: true,
    status: 200,
    answer: countAnswer,
    refusals: [404, 409, 502, 503, 504],
    handle: ({ body, signal }, deps) => countRecords(deps, body, signal),
  }),
];
