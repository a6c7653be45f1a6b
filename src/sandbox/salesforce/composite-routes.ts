import { ApiError, notFound } from './api-error';
import { callWithin, invalid, isQueryOrCollection, methodOf, objectOf, subrequestsOf, urlOf } from './composite-call';
import { type CompositeContext, compositeResult, errorAnswer, runTogether } from './composite-run';
import { createTree } from './composite-tree';
import type { Dispatcher, Route } from './dispatcher';
import { type Answer, type Call, json, objectBody } from './http-call';
import type { RecordAccess } from './record-access';

/** REST guide, "Composite", "Composite Batch", "Composite Graph Limits". */
const MAX_SUBREQUESTS = 25;
const MAX_QUERIES_AND_COLLECTIONS = 5;
const MAX_GRAPHS = 75;
const MAX_NODES = 500;

const FIRST_ERROR_STATUS = 400;
const BATCH_HALTED_STATUS = 412;

/**
 * Several calls in one (REST guide, "Composite Resources").
 * @param dispatcher gives the answers; asked for late, since it is made of these routes too
 */
export function compositeRoutes(dispatcher: () => Dispatcher, access: RecordAccess): Route[] {
  return [
    {
      pattern: 'composite',
      methods: { GET: (call) => json(resources(call)), POST: (call) => composite(dispatcher(), access, call) },
    },
    { pattern: 'composite/batch', methods: { POST: (call) => batch(dispatcher(), access, call) } },
    { pattern: 'composite/graph', methods: { POST: (call) => graphs(dispatcher(), access, call) } },
    {
      pattern: 'composite/tree/:object',
      methods: { POST: (call, { object = '' }) => createTree(access, call, object) },
    },
  ];
}

function resources({ versionPath }: Call): Record<string, string> {
  const names = ['batch', 'graph', 'sobjects', 'tree'];
  return Object.fromEntries(names.map((name) => [name, `${versionPath}/composite/${name}`]));
}

function composite(dispatcher: Dispatcher, access: RecordAccess, call: Call): Answer {
  const { allOrNone, compositeRequest } = objectBody(call);
  const subrequests = subrequestsOf(compositeRequest, 'compositeRequest');
  refuseMoreThan(access, subrequests.length, MAX_SUBREQUESTS, 'subrequests in a composite request');
  const large = subrequests.filter(({ url }) => isQueryOrCollection(segmentsOfUrl(url)));
  refuseMoreThan(
    access,
    large.length,
    MAX_QUERIES_AND_COLLECTIONS,
    'queries and sObject collections in a composite request',
  );
  const context: CompositeContext = {
    dispatcher,
    org: access.org,
    outer: call,
    takes: ([first = '', ...rest]) => first.toLowerCase() === 'sobjects' || isQueryOrCollection([first, ...rest]),
  };
  const { answers } = runTogether(context, subrequests, allOrNone === true);
  return { status: 200, body: `{"compositeResponse":[${resultsOf(subrequests, answers)}]}` };
}

function resultsOf(subrequests: ReturnType<typeof subrequestsOf>, answers: readonly Answer[]): string {
  return subrequests
    .map((subrequest, index) => compositeResult(subrequest, answers[index] ?? { status: BATCH_HALTED_STATUS }))
    .join();
}

/** The path alone, before references are filled in. */
function segmentsOfUrl(url: string): string[] {
  const [path = ''] = url.split(/[?#]/, 1);
  return path
    .replace(/^\/?services\/data\/v\d+\.0\/?/i, '')
    .split('/')
    .filter(Boolean);
}

/** Each graph is all or nothing, and takes single records alone. */
function graphs(dispatcher: Dispatcher, access: RecordAccess, call: Call): Answer {
  const list = objectBody(call).graphs;
  if (!Array.isArray(list) || list.length === 0) throw invalid('The request must have graphs');
  refuseMoreThan(access, list.length, MAX_GRAPHS, 'graphs in a request');
  const wanted = list.map((item) => {
    const { graphId, compositeRequest } = objectOf(item);
    if (typeof graphId !== 'string' || graphId === '') throw invalid('Each graph must have a graphId');
    return { graphId, subrequests: subrequestsOf(compositeRequest, 'compositeRequest') };
  });
  const nodes = wanted.reduce((sum, { subrequests }) => sum + subrequests.length, 0);
  refuseMoreThan(access, nodes, MAX_NODES, 'nodes in a request');
  const context: CompositeContext = {
    dispatcher,
    org: access.org,
    outer: call,
    takes: ([first = '', , ...more]) => first.toLowerCase() === 'sobjects' && more.length <= 2,
  };
  const answers = wanted.map(({ graphId, subrequests }) => {
    const run = runTogether(context, subrequests, true);
    const results = resultsOf(subrequests, run.answers);
    return `{"graphId":${JSON.stringify(graphId)},"graphResponse":{"compositeResponse":[${results}]},"isSuccessful":${!run.isRolledBack}}`;
  });
  return { status: 200, body: `{"graphs":[${answers.join()}]}` };
}

interface BatchItem {
  method: string;
  url: string;
  richInput: unknown;
}

/** Calls that know nothing of each other. Headers of the request stand for all of them. */
function batch(dispatcher: Dispatcher, access: RecordAccess, call: Call): Answer {
  const { batchRequests, haltOnError } = objectBody(call);
  if (!Array.isArray(batchRequests) || batchRequests.length === 0)
    throw invalid('The request must have batchRequests with subrequests');
  refuseMoreThan(access, batchRequests.length, MAX_SUBREQUESTS, 'subrequests in a batch');
  const items = batchRequests.map((item): BatchItem => {
    const { method, url, richInput } = objectOf(item);
    return { method: methodOf(method), url: urlOf(url), richInput };
  });
  let hasErrors = false;
  const results = items.map((item) => {
    const answer = hasErrors && haltOnError === true ? batchHalted() : answerItem(dispatcher, call, item);
    if (answer.status >= FIRST_ERROR_STATUS) hasErrors = true;
    return `{"statusCode":${answer.status},"result":${answer.body ?? 'null'}}`;
  });
  return { status: 200, body: `{"hasErrors":${hasErrors},"results":[${results.join()}]}` };
}

function answerItem(dispatcher: Dispatcher, outer: Call, { method, url, richInput }: BatchItem): Answer {
  try {
    const headers = outer.headers as Record<string, string>; // those that are lists are of no interest to any route
    const call = callWithin(outer, { method, url, body: richInput ?? undefined, headers });
    const [first = ''] = call.segments;
    if (['composite', 'jobs'].includes(first.toLowerCase())) throw notFound();
    return dispatcher.answer(call);
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  }
}

function batchHalted(): Answer {
  return errorAnswer(
    new ApiError(BATCH_HALTED_STATUS, 'BATCH_PROCESSING_HALTED', 'Batch processing halted per request'),
  );
}

function refuseMoreThan(access: RecordAccess, count: number, most: number, what: string): void {
  if (count <= most) return;
  access.org.core.countViolation('batchTooLarge', `${count} ${what}`);
  throw new ApiError(400, 'LIMIT_EXCEEDED', `There can be at most ${most} ${what}, found ${count}`);
}
