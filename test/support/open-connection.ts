import type { OpenConnection } from '../../activities/run';
import type { Connector } from '../../src/connectors/connector';
import type { ObjectDescription } from '../../src/domain/object-description';

/** A connection for activities: each object is described once, unless that failed; the instance is always the one it should be. */
export function openConnection(connector: Connector): OpenConnection {
  const described = new Map<string, Promise<ObjectDescription>>();
  return {
    connector,
    objects: (signal) => connector.objects(signal),
    describe(objectName, signal) {
      const description = described.get(objectName) ?? connector.describe(objectName, signal);
      described.set(objectName, description);
      description.catch(() => described.delete(objectName));
      return description;
    },
    demandSameInstance: async () => undefined,
  };
}
