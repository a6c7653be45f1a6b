import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { z } from 'zod';
import { problemAnswer } from '../api/schemas/problem';
import type { SignIn } from './sign-in';
import { CliError, EXIT, type ExitCode } from './world';

type Query = Readonly<Record<string, string | number | undefined>>;

/** A call that the API refused: its own words, and what is wrong by member of what was sent. */
export class Refusal extends CliError {
  constructor(
    override readonly status: number,
    detail: string,
    readonly errors: readonly { path: string; message: string }[],
  ) {
    super(
      detail,
      exitCodeOf(status),
      errors.filter(({ message }) => message !== detail).map(({ path, message }) => ({ place: path, message })),
    );
  }
}

/** Whether what went wrong may come right by itself: nobody answered, or not as Sync does. */
export const isPassing = (error: unknown): boolean => !(error instanceof Refusal) || error.status >= 500;

const exitCodeOf = (status: number): ExitCode =>
  [401, 403, 408, 429].includes(status) || status >= 500 ? EXIT.unreachable : EXIT.problem;

/** The API, its answers checked by the schemas that the server makes them with. */
export class ApiClient {
  constructor(private readonly signIn: SignIn) {}

  get url(): string {
    return this.signIn.url;
  }

  /** @throws Refusal, CliError */
  async get<Schema extends z.ZodType>(path: string, answer: Schema, query: Query = {}): Promise<z.output<Schema>> {
    return this.parsed(await this.fetch('GET', path, { query }), answer);
  }

  /** @throws Refusal, CliError */
  async post<Schema extends z.ZodType>(path: string, answer: Schema, body?: unknown): Promise<z.output<Schema>> {
    return this.parsed(await this.fetch('POST', path, { body, key: randomUUID() }), answer);
  }

  /** The same for what changes nothing, so that the server need not keep its answer for a repeat. @throws Refusal, CliError */
  async ask<Schema extends z.ZodType>(path: string, answer: Schema, body: unknown): Promise<z.output<Schema>> {
    return this.parsed(await this.fetch('POST', path, { body }), answer);
  }

  /** @throws Refusal, CliError */
  async delete(path: string): Promise<void> {
    await this.fetch('DELETE', path, {});
  }

  /** The body of an answer as it comes. @throws Refusal, CliError */
  async stream(path: string, accept: string, query: Query = {}): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.fetch('GET', path, { query, accept });
    if (!body) throw new CliError('The answer is empty.', EXIT.unreachable);
    return body;
  }

  /** All items of a list, page by page. */
  async *all<Item>(path: string, page: z.ZodType<Page<Item>>, query: Query = {}): AsyncIterable<Item> {
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await this.get(path, page, { limit: 500, ...query, cursor });
      yield* items;
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  private async parsed<Schema extends z.ZodType>(response: Response, answer: Schema): Promise<z.output<Schema>> {
    const parsed = answer.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw new CliError(
      `${this.url} gave an answer that this version does not understand. Use the syncctl of the version that runs there.`,
      EXIT.unreachable,
    );
  }

  private async fetch(
    method: string,
    path: string,
    {
      query = {},
      body,
      accept = 'application/json',
      key,
    }: { query?: Query; body?: unknown; accept?: string; key?: string },
  ): Promise<Response> {
    const url = new URL(`${this.url}/api/v1${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = {
      authorization: `Bearer ${this.signIn.key}`,
      accept,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    // the key goes to the address that was given, and not where that leads
    const response = await this.patiently(() => fetch(url, { method, headers, redirect: 'error', ...sent }));
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  /** Calls again where an answer was lost, which the idempotency key allows, and later where the server asks for that. */
  private async patiently(call: () => Promise<Response>): Promise<Response> {
    for (let calls = 1; ; calls += 1) {
      try {
        const response = await call();
        const pauseMs = 1_000 * Number(response.headers.get('retry-after') ?? Number.NaN);
        if (response.status !== TOO_MANY_REQUESTS || calls === MOST_CALLS || !(pauseMs <= LONGEST_PAUSE_MS))
          return response;
        await response.body?.cancel();
        await setTimeout(pauseMs);
      } catch (error) {
        const reason = reasonOf(error);
        if (calls < MOST_CALLS && LOST_ANSWER.includes(reason)) continue;
        throw new CliError(`${this.url} cannot be reached: ${reason}. Is Sync running there?`, EXIT.unreachable);
      }
    }
  }
}

const TOO_MANY_REQUESTS = 429;
const MOST_CALLS = 5;
const LONGEST_PAUSE_MS = 60_000;
/** The connection was there, and broke off. */
const LOST_ANSWER: readonly string[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

type Page<Item> = { items: Item[]; nextCursor: string | null };

/** `fetch` says no more than "fetch failed"; its cause tells. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

async function refusalOf(response: Response): Promise<Refusal> {
  const problem = problemAnswer.safeParse(await response.json().catch(() => null));
  if (problem.success) return new Refusal(response.status, problem.data.detail, problem.data.errors ?? []);
  return new Refusal(response.status, `The answer was ${response.status}, and not from Sync. Check the address.`, []);
}
