import type { z } from 'zod';
import type { problemAnswer } from '../../api/schemas/problem';

/** A member of a request that is wrong, and what would be right. */
export interface FieldProblem {
  path: string;
  message: string;
  /** Where it stands in a file, from 1; null where that is not known. */
  line?: number | null | undefined;
}

/** Status of a call that got no answer. */
const NO_ANSWER = 0;

/** Why a call was not answered as wished: the API's own words, or that it could not be reached. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    /** That of the answer; 0 when there was none. */
    readonly status: number,
    /** What happened, and what to do. */
    readonly detail: string,
    readonly title: string,
    /** What is wrong by member of the request, for the fields of a form. */
    readonly errors: readonly FieldProblem[] = [],
  ) {
    super(detail);
  }

  /** True when the same call may succeed a moment later. */
  get isPassing(): boolean {
    return [NO_ANSWER, 502, 503, 504].includes(this.status);
  }

  /** The message for a member, and for what lies within it. */
  messageAt(path: string): string | undefined {
    const own = this.errors.find((error) => error.path === path);
    const within = this.errors.find((error) => error.path.startsWith(`${path}.`) || error.path.startsWith(`${path}[`));
    return (own ?? within)?.message;
  }
}

/** A list as the API gives it. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** What a call takes besides its path. */
export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON; a file as it is, as CSV unless it says that it is YAML. */
  body?: unknown;
  /** Members that are undefined or empty are left out. */
  query?: Readonly<Record<string, string | number | undefined>>;
  /** The version that a change was made on. */
  ifMatch?: number;
  signal?: AbortSignal;
  /** Sign in with this key instead of the session. */
  apiKey?: string;
  /** Give up when nobody is signed in, instead of asking and calling again. */
  asksNobody?: boolean;
}

/** Asks the person to sign in again; set by the part of the page that can. */
let signInAgain: (() => Promise<void>) | undefined;
export const onSignedOut = (ask: () => Promise<void>): void => {
  signInAgain = ask;
};

const AGAIN_AFTER_MS = 1_000;

/** The idempotency keys of POSTs that got no answer, by what they ask. */
const unanswered = new Map<string, string>();

/** POSTs that are under way, by what they ask. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Calls the API below `/api/v1`. A POST carries an idempotency key, so that it is repeated without harm when its answer is lost or the
 * session has ended in between; one that got no answer is the same call when a person asks for it again, and so is one that is asked for
 * while it is under way, as by a double click.
 * @throws ApiProblem
 */
export async function api<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const text = options.body === undefined ? null : await textOf(options.body);
  const call = `${path} ${text}`;
  // what can be broken off is nobody else's
  if (options.method !== 'POST' || options.signal) return answerOf<Answer>(path, options, text, call);
  const answer = underWay.get(call) ?? answerOf(path, options, text, call).finally(() => underWay.delete(call));
  underWay.set(call, answer);
  return answer as Promise<Answer>; // of the same call
}

async function answerOf<Answer>(
  path: string,
  options: CallOptions,
  text: string | null,
  call: string,
): Promise<Answer> {
  const key = unanswered.get(call) ?? newKey();
  try {
    const answer = await signedInAnswer(requestOf(path, options, text, key), options);
    if (!answer.ok) throw await problemOf(answer);
    unanswered.delete(call);
    // the answer has the shape that the API's schemas promise; 204 has none
    return (answer.status === 204 ? undefined : await answer.json()) as Answer;
  } catch (error) {
    if (error instanceof ApiProblem && error.isPassing) unanswered.set(call, key);
    else unanswered.delete(call);
    throw error;
  }
}

const textOf = (body: unknown): Promise<string> | string => (body instanceof Blob ? body.text() : JSON.stringify(body));

/** What a chosen file says of its type depends on the programs of the machine. */
const fileType = ({ type }: Blob): string => (type === 'application/yaml' ? type : 'text/csv');

/** The address of a download or of events, with its query. */
export function apiUrl(path: string, query: CallOptions['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const search = new URLSearchParams(given).toString();
  return `/api/v1${path}${search === '' ? '' : `?${search}`}`;
}

/** All items of a list that is short enough to be shown whole. */
export async function allItems<Item>(path: string, options: CallOptions = {}): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const query = { limit: 200, ...options.query, ...(cursor === undefined ? {} : { cursor }) };
    const page: Page<Item> = await api(path, { ...options, query });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

/** @param text the body as it is sent; null for none */
function requestOf(path: string, options: CallOptions, text: string | null, key: string): Request {
  const { method = 'GET', body, query, ifMatch, apiKey } = options;
  const headers = new Headers({ Accept: 'application/json', 'X-Sync-Request': 'true' });
  if (text !== null) headers.set('Content-Type', body instanceof Blob ? fileType(body) : 'application/json');
  if (method === 'POST' && apiKey === undefined) headers.set('Idempotency-Key', key);
  if (ifMatch !== undefined) headers.set('If-Match', `"${ifMatch}"`);
  if (apiKey !== undefined) headers.set('Authorization', `Bearer ${apiKey}`);
  return new Request(apiUrl(path, query), { method, headers, body: text });
}

/** Asks the person to sign in where the session has ended, and goes on with the same call. */
async function signedInAnswer(request: Request, options: CallOptions): Promise<Response> {
  const answer = await firstAnswer(request, options);
  if (answer.status !== 401 || !signInAgain || options.asksNobody) return answer;
  await signInAgain();
  return firstAnswer(request, options);
}

/** Not `randomUUID`, which pages have over TLS and on this machine alone. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A POST whose answer is lost is sent once more, with the same key. */
async function firstAnswer(request: Request, { signal }: CallOptions): Promise<Response> {
  const send = () => fetch(request.clone(), signal ? { signal } : {});
  try {
    return await send();
  } catch (error) {
    if (signal?.aborted) throw error;
    if (!request.headers.has('Idempotency-Key')) throw unreachable();
  }
  await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  try {
    return await send();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  }
}

const unreachable = (): ApiProblem =>
  new ApiProblem(
    NO_ANSWER,
    'Sync cannot be reached. Check the network and that Sync runs, then try again; what you have entered is still here.',
    'No connection',
  );

async function problemOf(answer: Response): Promise<ApiProblem> {
  const isProblem = answer.headers.get('Content-Type')?.startsWith('application/problem+json') ?? false;
  if (!isProblem) return new ApiProblem(answer.status, `Sync answered with status ${answer.status}.`, 'Error');
  const { status, title, detail, errors } = (await answer.json()) as z.output<typeof problemAnswer>;
  return new ApiProblem(status, detail, title, errors);
}
