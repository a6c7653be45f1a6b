import type { OpenConnection } from '../../activities/run';
import type { Connector } from '../connectors/connector';
import { ConnectorError } from '../connectors/connector-error';

/** Has each error that waits for a person name the connection, of which people know more than of a system. */
export function named(
  { connector, objects, describe, demandSameInstance }: OpenConnection,
  name: string,
): OpenConnection {
  const naming = namingOf(name);
  return {
    connector: new Proxy(connector, {
      get(target, member: keyof Connector) {
        const value = target[member];
        if (typeof value !== 'function') return value;
        return (...input: unknown[]) => {
          const answer: unknown = Reflect.apply(value, target, input);
          return answer instanceof Promise ? naming(answer) : answer;
        };
      },
    }),
    objects: (signal) => naming(objects(signal)),
    describe: (...input) => naming(describe(...input)),
    demandSameInstance: (signal) => naming(demandSameInstance(signal)),
  };
}

/** Opens connections that do so, and names those that cannot be opened too. */
export const opensNamed =
  (
    connect: (connectionId: string) => Promise<OpenConnection>,
    nameOf: (connectionId: string) => Promise<string>,
  ): typeof connect =>
  async (connectionId) => {
    const name = await nameOf(connectionId);
    return named(await namingOf(name)(connect(connectionId)), name);
  };

const namingOf =
  (name: string) =>
  <Answer>(asked: Promise<Answer>): Promise<Answer> =>
    asked.catch((error: unknown) => {
      throw withName(error, name);
    });

function withName(error: unknown, name: string): unknown {
  if (!(error instanceof ConnectorError) || error.advice.retry !== 'never' || error.message.includes(`"${name}"`)) {
    return error;
  }
  const { message, code, advice, answerLost } = error;
  return new ConnectorError(`Connection "${name}": ${message}`, code, advice, { answerLost, cause: error });
}
