import { parse } from 'csv-parse/sync';
import type { OrgAnswer, TestOrg } from './salesforce-org';

/** A job as its calls answer it. */
// what a call answers differs from call to call: the tests say what they expect
// biome-ignore lint/suspicious/noExplicitAny: see above
export type JobAnswer = Record<string, any>;

export interface CsvFile {
  status: number;
  headers: Headers;
  text: string;
  /** Cells by the names of the header. */
  readonly rows: Record<string, string>[];
}

/** Bulk calls of a client that does what the guide says, with ordinary fetch. */
export interface BulkClient {
  create(request: Record<string, unknown>): Promise<JobAnswer>;
  upload(id: string, csv: string | Buffer, headers?: Record<string, string>): Promise<OrgAnswer>;
  close(id: string): Promise<OrgAnswer>;
  poll(id: string): Promise<JobAnswer>;
  /** Awaits the end of a job, looked at with pauses; the test's own time limit ends it. */
  ended(id: string): Promise<JobAnswer>;
  /** Creates, loads and closes a job, and awaits its end. */
  load(request: Record<string, unknown>, csv: string): Promise<JobAnswer>;
  /** @param path `successfulResults`, `failedResults`, `unprocessedrecords` */
  file(id: string, path: string, headers?: Record<string, string>): Promise<CsvFile>;
  /** Creates a query job and awaits its end. */
  query(request: Record<string, unknown>): Promise<JobAnswer>;
  /** @param parameters `maxRecords=2&locator=…` */
  page(id: string, parameters?: string): Promise<CsvFile>;
}

/** Well above the pause that the sandbox takes for none. */
const PAUSE_MS = 75;
const VERSION_PATH = '/services/data/v60.0';

export function bulkClient(org: TestOrg): BulkClient {
  const authorization = { Authorization: `Bearer ${org.accessToken}` };
  const created = async (kind: string, request: Record<string, unknown>): Promise<JobAnswer> => {
    const { status, body } = await org.call('POST', `/jobs/${kind}`, request);
    if (status !== 200) throw new Error(`The job was not created: ${JSON.stringify(body)}`);
    return body;
  };
  const poll = async (kind: string, id: string): Promise<JobAnswer> =>
    (await org.call('GET', `/jobs/${kind}/${id}`)).body;
  const ended = async (kind: string, id: string): Promise<JobAnswer> => {
    for (;;) {
      const job = await poll(kind, id);
      if (['JobComplete', 'Failed', 'Aborted'].includes(job.state)) return job;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const download = async (path: string, headers: Record<string, string> = {}): Promise<CsvFile> => {
    const answer = await fetch(`${org.url}${VERSION_PATH}/jobs/${path}`, { headers: { ...authorization, ...headers } });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      get rows() {
        return parse(text, { columns: true, delimiter: [',', '|'] }) as Record<string, string>[];
      },
    };
  };
  const client: BulkClient = {
    create: (request) => created('ingest', request),
    async upload(id, csv, headers = {}) {
      const answer = await fetch(`${org.url}${VERSION_PATH}/jobs/ingest/${id}/batches`, {
        method: 'PUT',
        headers: { ...authorization, 'Content-Type': 'text/csv', ...headers },
        body: csv as BodyInit,
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
    },
    close: (id) => org.call('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' }),
    poll: (id) => poll('ingest', id),
    ended: (id) => ended('ingest', id),
    async load(request, csv) {
      const { id } = await client.create(request);
      await client.upload(id, csv);
      await client.close(id);
      return ended('ingest', id);
    },
    file: (id, path, headers) => download(`ingest/${id}/${path}`, headers),
    async query(request) {
      const { id } = await created('query', { operation: 'query', ...request });
      return ended('query', id);
    },
    page: (id, parameters = '') => download(`query/${id}/results?${parameters}`),
  };
  return client;
}

/** Changes settings of the org, by the control API. */
export async function changeSettings(org: TestOrg, settings: Record<string, unknown>): Promise<void> {
  const { status } = await org.control('PATCH', '/settings', settings);
  if (status !== 200) throw new Error(`The settings could not be changed: ${status}`);
}

/** Adds the external Id `Ext__c` to an object. */
export async function declareKey(org: TestOrg, object: string): Promise<void> {
  const key = { name: 'Ext__c', type: 'string', length: 40, externalId: true, unique: true };
  const { status } = await org.control('POST', `/objects/${object}/fields`, key);
  if (status !== 201) throw new Error(`The field could not be added: ${status}`);
}
