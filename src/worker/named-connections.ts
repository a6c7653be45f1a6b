import type { OpenConnection } from '../../activities/run';
import type { Connector } from '../connectors/connector';
import { ConnectorError } from '../connectors/connector-error';

/** Has each error that waits for a person name the connection, of which people know more than of a system. */
export function named({ connector, describe, demandSameInstance }: OpenConnection, name: string): OpenConnection {
  const naming = <Answer>(asked: Promise<Answer>): Promise<Answer> =>
    asked.catch((error: unknown) => {
      throw withName(error, name);
    });
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
    describe: (...input) => naming(describe(...input)),
    demandSameInstance: (signal) => naming(demandSameInstance(signal)),
  };
}

function withName(error: unknown, name: string): unknown {
  if (!(error instanceof ConnectorError) || error.advice.retry !== 'never' || error.message.includes(`"${name}"`)) {
    return error;
  }
  const { message, code, advice, answerLost } = error;
  return new ConnectorError(`Connection "${name}": ${message}`, code, advice, { answerLost, cause: error });
}
