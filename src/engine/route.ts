import type { Definition } from '../domain/definition';

/**
 * "Marketo EU Lead → Prod Contact": where a sync reads and where it writes, for people.
 * @param nameOf the name of a connection by its id
 */
export async function routeOf(
  definition: Pick<Definition, 'source' | 'destination'>,
  nameOf: (connectionId: string) => Promise<string>,
): Promise<string> {
  const [source, destination] = await Promise.all(
    [definition.source, definition.destination].map(async (end) => `${await nameOf(end.connectionId)} ${end.object}`),
  );
  return `${source} → ${destination}`;
}
