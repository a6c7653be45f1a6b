import type { OpenConnection } from '../../activities/run';
import type { Connector } from '../connectors/connector';
import { ConnectorError } from '../connectors/connector-error';

/** How long what a system tells of its objects is taken as it is: a run of many short phases, or many who look, would otherwise ask each time. */
const KNOWN_MS = 60_000;
/** So long it is also known that a name is no object's: less than a person needs to make one. */
const UNKNOWN_MS = 10_000;
/** Names are given by whoever asks; the oldest go. */
const MOST_KNOWN = 500;

/** What an open connection offers that depends on its present settings alone. */
type Opened = Omit<OpenConnection, 'demandSameInstance'>;

/** A connection as it is stored, with what tells whether its settings have changed. */
export interface StoredConnection {
  connectionId: string;
  /** Changes with each change of the settings. */
  fingerprint: string;
}

/**
 * Keeps one connector per connection, with its sign-in and its rate limit, as long as the settings stay the same.
 * @param load reads the connection and makes a connector of it
 */
export function openConnections<Stored extends StoredConnection>(
  load: (connectionId: string) => Promise<Stored>,
  create: (stored: Stored) => Connector,
  now: () => number,
): (connectionId: string) => Promise<Opened> {
  const open = new Map<string, { fingerprint: string; connection: Opened }>();
  return async (connectionId) => {
    const stored = await load(connectionId);
    const known = open.get(connectionId);
    if (known && known.fingerprint === stored.fingerprint) return known.connection;
    const connection = withMemory(create(stored), now);
    open.set(connectionId, { fingerprint: stored.fingerprint, connection });
    return connection;
  };
}

function withMemory(connector: Connector, now: () => number): Opened {
  const described = rememberedAnswers(connector.describe.bind(connector), now);
  const listed = rememberedAnswers((_all: 'all', signal) => connector.objects(signal), now);
  return { connector, describe: described, objects: (signal) => listed('all', signal) };
}

/** Answers are kept for a while, and so is that there is no such object; what else has failed is asked again. */
function rememberedAnswers<Key extends string, Answer>(
  ask: (key: Key, signal: AbortSignal) => Promise<Answer>,
  now: () => number,
): (key: Key, signal: AbortSignal, isAsked?: boolean) => Promise<Answer> {
  const kept = new Map<Key, { until: number; answer: Promise<Answer> }>();
  return (key, signal, isAsked = false) => {
    const known = kept.get(key);
    if (!isAsked && known && now() < known.until) return known.answer;
    const answer = ask(key, signal);
    kept.delete(key);
    const entry = { until: now() + KNOWN_MS, answer };
    kept.set(key, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KNOWN) break;
      kept.delete(oldest);
    }
    answer.catch((error: unknown) => {
      const isUnknown = error instanceof ConnectorError && error.code === 'UNKNOWN_OBJECT';
      if (isUnknown) entry.until = now() + UNKNOWN_MS;
      else if (kept.get(key) === entry) kept.delete(key);
    });
    return answer;
  };
}
