import { suggestMappings } from '../../domain/suggest-mappings';
import { route } from '../route';
import { suggestionsAnswer, suggestionsBody } from '../schemas/mappings';
import { askConnection } from '../vendor';

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
];
