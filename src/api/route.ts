import type { Response } from 'express';
import type { z } from 'zod';
import type { Database } from '../../db/client';
import type { FileText } from './definitions/file-text';
import type { RouteDeps } from './deps';
import type { JsonText } from './json-text';
import type { Role } from './schemas/roles';

/** Who makes a call. */
export interface Caller {
  /** Tells callers apart whose names are alike over time. */
  id: string;
  name: string;
  role: Role;
  /** Of a call that a browser makes by its session. */
  sessionId?: string;
}

/** Notes in the audit what a change does; ids and names of members in `details`, no secret and no record's value. */
export type Note = (action: string, subject: string, details?: Record<string, unknown>) => Promise<void>;

/**
 * Makes a change in one transaction, together with its entry in the audit and with the answer that a repeat of the call gets:
 * `work` gives that answer, and the handler returns it. What takes long (a vendor) is asked before.
 */
export type Change = <Result>(work: (tx: Database, note: Note) => Promise<Result>) => Promise<Result>;

/** A call whose parts have been checked against the route's schemas. */
export interface Call<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  /** The text of a body that is a CSV file, where the route takes one; `body` is then as if it were left out. */
  csv: string | null;
  /** The text of a body that is a file of definitions, where the route takes one. */
  file: FileText;
  caller: Caller;
  /** Whether who makes the call may still have what a long answer brings; see `isStillKnown`. */
  isStillKnown(): Promise<boolean>;
  /** From where it comes, as far as that is known. */
  address: string | null;
  /** What a browser sends of its session, also beside an API key. */
  sessionToken: string | null;
  /** Present on a PUT that must not overwrite a newer version. */
  ifMatch: string | null;
  /** Aborts when the client is gone. */
  signal: AbortSignal;
  change: Change;
}

/** An answer with a status or headers of its own. */
export interface Answer<Body> {
  status: number;
  headers?: Record<string, string>;
  body: Body;
}

type Schema = z.ZodType;
type Body<A extends Schema | null> = A extends Schema ? z.input<A> | JsonText<z.input<A>> : undefined;
type Parsed<S extends Schema | undefined> = S extends Schema ? z.output<S> : undefined;

/**
 * A route: what it takes and gives as zod schemas, from which requests are checked and the OpenAPI document is made, and what it
 * does: parse, call, answer.
 */
export interface RouteSpec<
  P extends Schema | undefined,
  Q extends Schema | undefined,
  B extends Schema | undefined,
  A extends Schema | null,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below `/api/v1`, parameters as `:syncId`. */
  path: string;
  summary: string;
  description?: string;
  tag: string;
  role: Role;
  params?: P;
  query?: Q;
  body?: B;
  /** The body holds a definition, which may be larger than others. */
  takesDefinition?: boolean;
  /** The body is a file, YAML or JSON, that fits this schema; `body` is looser, since the handler checks such a file item by item. */
  takesFile?: Schema;
  /** A request without a body is taken as one with `{}`. */
  isBodyOptional?: boolean;
  /** A CSV file is taken in place of a JSON body; an example of one. */
  csvExample?: string;
  /** Status of a success. */
  status: number;
  /** Null where the answer has no body. */
  answer: A;
  /** The answer holds a secret that is shown once, so that no repeat gets it. */
  isSecret?: boolean;
  /** The answer holds values of records, which are kept where `docs/kept-data.md` says and nowhere else: a repeat with the same key asks anew. */
  holdsValues?: boolean;
  /** Statuses of refusals besides those that every route has. */
  refusals?: readonly number[];
  /** For answers that are sent piece by piece, or are not always JSON (then `answer` says what that is): the media type, and who writes it. */
  stream?: {
    type: string;
    /** Of what is sent; a text where it is left out. */
    schema?: Schema;
    example: unknown;
    /** @param to.open sends the head; whatever is refused is refused before */
    write(
      call: Call<Parsed<P>, Parsed<Q>, Parsed<B>>,
      to: { response: Response; open(): Response },
      deps: RouteDeps,
    ): Promise<void>;
  };
  handle?(call: Call<Parsed<P>, Parsed<Q>, Parsed<B>>, deps: RouteDeps): Promise<Body<A> | Answer<Body<A>>>;
}

/** A route of any shape, as the server and the document see it. */
export type Route = RouteSpec<Schema | undefined, Schema | undefined, Schema | undefined, Schema | null>;

/** Checks that handler and schemas of a route fit each other, and forgets their types. */
export const route = <
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  A extends Schema | null = null,
>(
  spec: RouteSpec<P, Q, B, A>,
): Route => spec as unknown as Route; // what `call` holds has been parsed by these very schemas

export const isAnswer = (result: unknown): result is Answer<unknown> =>
  typeof result === 'object' &&
  result !== null &&
  'status' in result &&
  'body' in result &&
  typeof result.status === 'number';
