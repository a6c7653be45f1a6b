import { ApiError } from './api-error';
import { callWithin, type Subrequest } from './composite-call';
import { AnswerReferences, InvalidReferenceError } from './composite-references';
import type { Dispatcher } from './dispatcher';
import type { Answer, Call } from './http-call';
import type { Org } from './org';

/** What composite requests and graphs are answered with. */
export interface CompositeContext {
  dispatcher: Dispatcher;
  org: Org;
  outer: Call;
  /** Whether an address may be called from here. */
  takes(segments: readonly string[]): boolean;
}

interface Attempt {
  answer: Answer;
  hasFailed: boolean;
}

const FIRST_ERROR_STATUS = 400;
/** An upsert whose key fits several records. */
const SEVERAL = 300;

/** One call has failed, and with it all of them. */
class RolledBack extends Error {
  constructor(
    readonly culprit: number,
    readonly answer: Answer,
  ) {
    super('Rolled back');
  }
}

/**
 * Answers calls one after the other; later ones may name the answers of earlier ones.
 * @param allOrNone one failure undoes all, and ends it; the others then say that they were halted
 * @returns one answer for each, in order
 */
export function runTogether(
  context: CompositeContext,
  subrequests: readonly Subrequest[],
  allOrNone: boolean,
): { answers: Answer[]; isRolledBack: boolean } {
  if (!allOrNone) return { answers: runAll(context, subrequests, () => undefined), isRolledBack: false };
  try {
    const answers = context.org.transaction(() =>
      runAll(context, subrequests, (index, answer) => {
        throw new RolledBack(index, answer);
      }),
    );
    return { answers, isRolledBack: false };
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    const answers = subrequests.map((_subrequest, index) =>
      index === error.culprit
        ? error.answer
        : halted('The transaction was rolled back since another operation in the same transaction failed.'),
    );
    return { answers, isRolledBack: true };
  }
}

function runAll(
  context: CompositeContext,
  subrequests: readonly Subrequest[],
  onFailure: (index: number, answer: Answer) => void,
): Answer[] {
  const references = new AnswerReferences();
  return subrequests.map((subrequest, index) => {
    const { answer, hasFailed } = attempt(context, subrequest, references);
    if (hasFailed) onFailure(index, answer);
    references.keep(subrequest.referenceId, answer);
    return answer;
  });
}

function attempt(context: CompositeContext, subrequest: Subrequest, references: AnswerReferences): Attempt {
  try {
    const { url, body } = subrequest;
    const filled = { ...subrequest, url: references.fill(url, encodeURIComponent), body: references.fillAll(body) };
    const call = callWithin(context.outer, filled);
    if (!context.takes(call.segments)) return failed(notSupported(call));
    const answer = context.dispatcher.answer(call);
    return { answer, hasFailed: isFailure(answer) || hasFailedCollection(call, answer) };
  } catch (error) {
    if (error instanceof InvalidReferenceError) return failed(halted(error.message));
    if (error instanceof ApiError) return failed(errorAnswer(error));
    throw error;
  }
}

function failed(answer: Answer): Attempt {
  return { answer, hasFailed: true };
}

function isFailure({ status }: Answer): boolean {
  return status >= FIRST_ERROR_STATUS || status === SEVERAL;
}

/**
 * A collection that is itself all or nothing answers 200 when it has failed; it fails the request around it all the same
 * (REST guide, "allOrNone Parameters in Composite and Collections Requests").
 */
function hasFailedCollection({ segments, query, body }: Call, answer: Answer): boolean {
  const [first = '', second = ''] = segments.map((segment) => segment.toLowerCase());
  if (first !== 'composite' || second !== 'sobjects' || answer.body === undefined) return false;
  const isAllOrNone = query.get('allOrNone') === 'true' || (body !== '' && readAllOrNone(body));
  if (!isAllOrNone) return false;
  const results: unknown = JSON.parse(answer.body);
  return Array.isArray(results) && results.some((result) => isObject(result) && result.success === false);
}

function readAllOrNone(body: string): boolean {
  const value: unknown = JSON.parse(body); // written by callWithin
  return isObject(value) && value.allOrNone === true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function notSupported({ segments }: Call): Answer {
  const resource = segments.join('/');
  return errorAnswer(new ApiError(404, 'NOT_FOUND', `The resource ${resource} cannot be used in this request`));
}

function halted(message: string): Answer {
  return errorAnswer(new ApiError(400, 'PROCESSING_HALTED', message));
}

/** A refusal as the answer to one of several calls. */
export function errorAnswer(error: ApiError): Answer {
  return { status: error.status, body: JSON.stringify(error.body()) };
}

/** JSON of one answer (REST guide, "Composite Subrequest Result"); bodies are JSON already. */
export function compositeResult({ referenceId }: Subrequest, { status, body, headers }: Answer): string {
  const shown = body === undefined || body === '' ? 'null' : body;
  return `{"body":${shown},"httpHeaders":${JSON.stringify(headers ?? {})},"httpStatusCode":${status},"referenceId":${JSON.stringify(referenceId)}}`;
}
