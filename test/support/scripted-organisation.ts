import type { ServerResponse } from 'node:http';
import type { Connector } from '../../src/connectors/connector';
import { createSalesforceConnector } from '../../src/connectors/salesforce/connector';
import { DEFAULT_TUNING, type SalesforceTuning } from '../../src/connectors/salesforce/tuning';
import { salesforceSettings } from '../../src/domain/connection';
import { connectorDeps, type TestDeps } from './connector-deps';
import { json, type ScriptedServer, type SeenRequest, startScriptedServer } from './scripted-server';

/** What an answer is made of: a status with a JSON body, text with headers, or a broken connection. */
export type ScriptedAnswer =
  | { status: number; body?: unknown }
  | { csv: string; headers?: Record<string, string> }
  | { cut: true };

/**
 * Lines of a script: each call is answered by the first one whose key begins the call's `METHOD /path`. A list of answers is used up one
 * by one, the last one stays.
 */
type Script = Record<string, ScriptedAnswer | ScriptedAnswer[] | ((request: SeenRequest) => ScriptedAnswer)>;
type Given = [lines: Script, tuning?: Partial<SalesforceTuning>];

/** A Salesforce organisation that signs everybody in, and answers as its script says. */
interface ScriptedOrganisation {
  readonly connector: Connector;
  readonly deps: TestDeps;
  /** Calls below `/services/data/v60.0`, as `METHOD /path`, the query decoded. */
  calls(): string[];
  requests(): SeenRequest[];
}
type RunningOrganisation = ScriptedOrganisation & { close(): Promise<void> };

async function startOrganisation(...[script, tuning = {}]: Given): Promise<RunningOrganisation> {
  const used = new Map<string, number>();
  const server: ScriptedServer = await startScriptedServer((request, response) => {
    if (request.path === '/services/oauth2/token') {
      const url = `http://${request.headers.host}`;
      const id = `${url}/id/00D000000000001EAA/005000000000001AAA`;
      return json(response, 200, { access_token: 'token', instance_url: url, id, token_type: 'Bearer' });
    }
    const call = callOf(request);
    const key = Object.keys(script).find((start) => call.startsWith(start));
    const line = key === undefined ? undefined : script[key];
    if (key === undefined || line === undefined) {
      return json(response, 404, [{ errorCode: 'NOT_FOUND', message: `not in the script: ${call}` }]);
    }
    if (typeof line === 'function') return give(response, line(request));
    const answers = Array.isArray(line) ? line : [line];
    const index = used.get(key) ?? 0;
    used.set(key, index + 1);
    give(response, answers[Math.min(index, answers.length - 1)] ?? { cut: true });
  });
  const deps = connectorDeps();
  const settings = salesforceSettings.parse({
    loginUrl: server.url,
    auth: { type: 'clientCredentials', clientId: 'app', clientSecret: 'secret' },
  });
  return {
    deps,
    connector: createSalesforceConnector(settings, deps, {
      ...DEFAULT_TUNING,
      firstPollMs: 1,
      longestPollMs: 5,
      ...tuning,
    }),
    calls: () => server.requests.filter(({ path }) => path.startsWith('/services/data')).map(callOf),
    requests: () => server.requests,
    close: () => server.close(),
  };
}

/** Arranges the tests of the calling file, each of which scripts an organisation of its own: at its end, no permit may be left open. */
export function useScriptedOrganisation(): ScriptedOrganisation & { script(...given: Given): Promise<Connector> } {
  let present: RunningOrganisation;
  afterEach(async () => {
    await present.close();
    expect(present.deps.permits.open).toBe(0);
  });
  return {
    async script(...given) {
      present = await startOrganisation(...given);
      return present.connector;
    },
    get connector() {
      return present.connector;
    },
    get deps() {
      return present.deps;
    },
    calls: () => present.calls(),
    requests: () => present.requests(),
  };
}

/** An error as Salesforce tells it. */
export const refusal = (status: number, errorCode: string, message = ''): ScriptedAnswer => ({
  status,
  body: [{ errorCode, message }],
});

/** The answer to a request that holds one query. */
export const ofOneQuery = (body: unknown, httpStatusCode = 200): ScriptedAnswer => ({
  status: 200,
  body: { compositeResponse: [{ body, httpStatusCode, referenceId: 'q0' }] },
});

/** What a query gives that has no further pages. */
export const resultOf = (records: readonly object[]) => ({ totalSize: records.length, done: true, records });

const callOf = ({ method, path }: SeenRequest): string =>
  `${method} ${decodeURIComponent(path.replace('/services/data/v60.0', ''))}`;

function give(response: ServerResponse, answer: ScriptedAnswer): void {
  if ('cut' in answer) response.destroy();
  else if ('csv' in answer) response.writeHead(200, { 'content-type': 'text/csv', ...answer.headers }).end(answer.csv);
  else if (answer.body === undefined) response.writeHead(answer.status).end();
  else json(response, answer.status, answer.body);
}
