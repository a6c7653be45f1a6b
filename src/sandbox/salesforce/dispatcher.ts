import { ApiError, notFound } from './api-error';
import type { Answer, Call } from './http-call';

/**
 * Answers a call; `parameters` are the segments that the route's pattern names. Never asynchronous: a call within another
 * takes part in its transaction, and nothing may come between.
 */
export type Handler = (call: Call, parameters: Readonly<Record<string, string>>) => Answer;

export interface Route {
  /** `sobjects/:object/:id` */
  pattern: string;
  methods: Readonly<Record<string, Handler>>;
}

interface CompiledRoute {
  segments: readonly string[];
  methods: Readonly<Record<string, Handler>>;
}

/** The first pattern that fits answers; routes of one pattern may come from several places. */
export class Dispatcher {
  private readonly routes: readonly CompiledRoute[];

  constructor(routes: readonly Route[]) {
    const byPattern = new Map<string, Route['methods']>();
    for (const { pattern, methods } of routes) byPattern.set(pattern, { ...byPattern.get(pattern), ...methods });
    this.routes = [...byPattern].map(([pattern, methods]) => ({
      segments: pattern.split('/').filter(Boolean),
      methods,
    }));
  }

  /** @throws ApiError, also for what no route answers */
  dispatch(call: Call): Answer {
    const found = this.find(call.segments);
    if (!found) throw notFound();
    const { route, parameters } = found;
    const method = call.method === 'HEAD' ? 'GET' : call.method;
    const handler = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
    if (!handler) throw methodNotAllowed(call.method, Object.keys(route.methods));
    return handler(call, parameters);
  }

  /** The answer, with refusals as answers too: for calls within another call. */
  answer(call: Call): Answer {
    try {
      return this.dispatch(call);
    } catch (error) {
      if (error instanceof ApiError) return { status: error.status, body: JSON.stringify(error.body()) };
      throw error;
    }
  }

  private find(segments: readonly string[]): { route: CompiledRoute; parameters: Record<string, string> } | undefined {
    for (const route of this.routes) {
      if (route.segments.length !== segments.length) continue;
      const parameters = matched(route.segments, segments);
      if (parameters) return { route, parameters };
    }
    return undefined;
  }
}

function matched(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (let index = 0; index < pattern.length; index += 1) {
    const wanted = pattern[index] ?? '';
    const segment = segments[index] ?? '';
    if (wanted.startsWith(':')) parameters[wanted.slice(1)] = segment;
    else if (wanted.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return parameters;
}

/** @param known methods that the resource has */
export function methodNotAllowed(method: string, known: readonly string[]): ApiError {
  const allowed = known.includes('GET') ? ['GET', 'HEAD', ...known.filter((one) => one !== 'GET')] : known;
  const text = `HTTP Method '${method}' not allowed. Allowed are ${allowed.join(',')}`;
  return new ApiError(405, 'METHOD_NOT_ALLOWED', text);
}

/**
 * The path of a call below `/services/data/vNN.N`, cut at its slashes and decoded. A slash at the end means nothing.
 * @throws ApiError 404 when it is not encoded as it should be
 */
export function segmentsOf(path: string): string[] {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw notFound();
  }
}
