import { suggestMappings } from '../../domain/suggest-mappings';
import { noteLook, wanted } from '../looks';
import { route } from '../route';
import { countAnswer, examplesAnswer, examplesBody, suggestionsAnswer, suggestionsBody } from '../schemas/mappings';
import { queryAnswer, queryBody } from '../schemas/syncs';
import { askConnection } from '../vendor';
import { countRecords, viewQuery } from '../view-query';

/** Enough to see what a field holds as a rule. */
const EXAMPLES = 20;
/** By which Salesforce calls the records of most objects. */
const NAME_FIELD = 'Name';

/** What a definition that is not saved would read is asked about in one way. */
const QUESTION_OF_READING = {
  method: 'post' as const,
  description: 'Of the definition, which may be incomplete, the members that reading depends on are looked at.',
  tag: 'Syncs',
  body: queryBody,
  takesDefinition: true,
  status: 200,
  refusals: [404, 409, 502, 503, 504],
};

/** What the guide asks while a sync is written: nothing of it is stored. */
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
    holdsValues: true,
    refusals: [404, 409, 502, 503, 504],
    async handle(call, deps) {
      const { body, signal } = call;
      const { connectionId, object: name, search } = body;
      const items = await askConnection(deps, connectionId, signal, async ({ connector, describe }, limited) => {
        const object = await describe(name, limited);
        const fields = object.fields.filter(({ type }) => type !== 'other').map((field) => field.name);
        const isNamed = object.fields.some((field) => field.name === NAME_FIELD && field.filterable);
        if (search !== undefined && !isNamed) return [];
        const filter =
          search === undefined ? null : { column: NAME_FIELD, operator: 'contains' as const, value: search };
        const request = { object, fields, filter, changedSince: null, asOf: deps.now(), timeZone: 'UTC' };
        const records = await connector.examples(request, EXAMPLES, limited);
        return records.map(({ sourceId, values }) => ({
          sourceId,
          values: Object.fromEntries(fields.map((field, index) => [field, values[index] ?? null])),
        }));
      });
      const details = wanted({ object: name, search });
      await noteLook(deps, call, { action: 'values.show', subject: `connection/${connectionId}/${name}`, details });
      return { items, nextCursor: null };
    },
  }),
  route({
    ...QUESTION_OF_READING,
    path: '/query',
    summary: 'View Query of a definition that is not saved',
    role: 'viewer',
    answer: queryAnswer,
    handle: ({ body, signal }, deps) => viewQuery(deps, body, signal),
  }),
  route({
    ...QUESTION_OF_READING,
    path: '/count',
    summary: 'Count the records that a filter selects, where the system tells that without reading',
    role: 'operator',
    answer: countAnswer,
    handle: ({ body, signal }, deps) => countRecords(deps, body, signal),
  }),
];
