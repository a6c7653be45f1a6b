import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { Everything } from '../everything';
import { ALL_FIELDS, type Field, MAPPED, recordOf, Tally, valuesOf } from './seed';

/** Where the four instances of the sandbox are that peers read and write. */
export type Place = 'salesforce/default' | 'salesforce/target' | 'marketo/default' | 'marketo/target';
const PLACES: readonly Place[] = ['salesforce/default', 'salesforce/target', 'marketo/default', 'marketo/target'];

/** Marketo's people are that old at most: some peers wait a minute for each thirty days. */
export const MARKETO_DAYS = 50;
const DAY_MS = 86_400_000;
const CONTACTS_A_JOB = 50_000;
const LEADS_A_CALL = 5_000;
const POLL_MS = 200;
const API = '/services/data/v60.0';

const instanceSchema = z.object({
  url: z.string(),
  tlsUrl: z.string().nullable(),
  requests: z.number(),
});
const jobSchema = z.object({ id: z.string(), state: z.string(), numberRecordsFailed: z.number().default(0) });

/** The sandbox's instances: `default` are the sources, `target` the destinations. */
export class Vendors {
  readonly #control: string;

  private constructor(
    private readonly everything: Everything,
    readonly people: number,
  ) {
    this.#control = `http://127.0.0.1:${everything.settings.sandbox.ports.control}`;
  }

  /** Adds the destinations, and fills the sources with so many people. */
  static async fill(everything: Everything, people: number): Promise<Vendors> {
    const vendors = new Vendors(everything, people);
    await vendors.#post('/instances', { kind: 'salesforce', name: 'target', tls: true });
    await vendors.#post('/instances', { kind: 'marketo', name: 'target' });
    await vendors.#fillSalesforce();
    await vendors.#fillMarketo();
    return vendors;
  }

  /** Certificate that signs for both vendors. */
  get certificate(): string {
    return join(this.everything.settings.dataDir, 'sandbox', 'tls', 'cert.pem');
  }

  async urlsOf(place: Place): Promise<{ url: string; tlsUrl: string | null }> {
    const { url, tlsUrl } = instanceSchema.parse(await this.#get(`/instances/${place}`));
    return { url, tlsUrl };
  }

  /** Empties a destination, which has the vendor's limits afterwards. */
  async empty(place: 'salesforce/target' | 'marketo/target'): Promise<void> {
    await this.#post(`/instances/${place}/reset`, {});
  }

  /** Calls that all instances have had. */
  async calls(): Promise<number> {
    const all = await Promise.all(
      PLACES.map(async (place) => instanceSchema.parse(await this.#get(`/instances/${place}`))),
    );
    return all.reduce((sum, { requests }) => sum + requests, 0);
  }

  /** A session of the API user, by client credentials. */
  async salesforceToken(place: Place): Promise<string> {
    const { url } = await this.urlsOf(place);
    const form = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'sandbox' };
    const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
    return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
  }

  /** Compares a destination with the seed, by the file in which the sandbox keeps it. */
  check(place: 'salesforce/target' | 'marketo/target'): Tally {
    const tally = new Tally(this.people);
    const file = join(this.everything.settings.dataDir, 'sandbox', `${place.replace('/', '-')}.sqlite`);
    const database = new Database(file, { readonly: true });
    try {
      if (place === 'marketo/target') {
        for (const data of database.prepare('select data from mk_leads').pluck().iterate()) {
          const lead = JSON.parse(String(data)) as Record<string, unknown>; // the sandbox's own
          tally.see(({ lead: name }) => lead[name]);
        }
      } else {
        const columns = MAPPED.map(({ contact }) => `"${contact}"`).join(', ');
        for (const row of database.prepare(`select ${columns} from "r_Contact" where "IsDeleted" = 0`).iterate())
          tally.see(({ contact }) => (row as Record<string, unknown>)[contact]); // named as the columns are
      }
    } finally {
      database.close();
    }
    return tally;
  }

  async #fillSalesforce(): Promise<void> {
    const { url } = await this.urlsOf('salesforce/default');
    const authorization = `Bearer ${await this.salesforceToken('salesforce/default')}`;
    const call = async (method: string, path: string, body?: string, type = 'application/json') => {
      const headers = { authorization, 'content-type': type };
      const answer = await fetch(`${url}${API}/jobs/ingest${path}`, { method, headers, ...(body ? { body } : {}) });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer;
    };
    const job = { object: 'Contact', operation: 'insert', contentType: 'CSV', lineEnding: 'LF' };
    for (let first = 0; first < this.people; first += CONTACTS_A_JOB) {
      const { id } = jobSchema.parse(await (await call('POST', '', JSON.stringify(job))).json());
      await call('PUT', `/${id}/batches`, this.#csv(first, CONTACTS_A_JOB, 'contact'), 'text/csv');
      await call('PATCH', `/${id}`, '{"state":"UploadComplete"}');
      for (let state = ''; state !== 'JobComplete'; await sleep(POLL_MS)) {
        const status = jobSchema.parse(await (await call('GET', `/${id}`)).json());
        state = status.state;
        if (status.numberRecordsFailed > 0) throw new Error('Salesforce refused some of the seed.');
      }
    }
  }

  /** People came evenly over the days. The source has no limits: what it takes to be read is asked, not what it costs. */
  async #fillMarketo(): Promise<void> {
    const vendor = '/instances/marketo/default/vendor';
    const noLimits = { callsPerWindow: 0, callsAtOnce: 0, callsPerDay: 0, exportBytesPerDay: 0 };
    await this.#send('PATCH', `${vendor}/settings`, noLimits);
    const start = Date.now() - MARKETO_DAYS * DAY_MS;
    for (let first = 0; first < this.people; first += LEADS_A_CALL) {
      const length = Math.min(LEADS_A_CALL, this.people - first);
      const records = Array.from({ length }, (_, offset) => {
        const index = first + offset;
        const createdAt = start + Math.floor((index / this.people) * (MARKETO_DAYS - 1) * DAY_MS);
        return { ...recordOf(index, 'lead'), createdAt, updatedAt: createdAt };
      });
      await this.#post(`${vendor}/records`, { object: 'leads', records });
    }
  }

  #csv(first: number, count: number, vendor: keyof Field): string {
    const length = Math.min(count, this.people - first);
    const rows = Array.from({ length }, (_, offset) => valuesOf(first + offset));
    return stringify(rows, { header: true, columns: ALL_FIELDS.map((field) => field[vendor]) });
  }

  async #get(path: string): Promise<unknown> {
    return (await fetch(this.#control + path)).json();
  }

  #post(path: string, body: unknown): Promise<void> {
    return this.#send('POST', path, body);
  }

  async #send(method: string, path: string, body: unknown): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.#control + path, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
}

/** Compares a CSV file of leads with the seed. */
export async function checkCsv(file: string, people: number): Promise<Tally> {
  const tally = new Tally(people);
  const rows = createReadStream(file).pipe(parse({ columns: true }));
  for await (const row of rows) tally.see(({ lead }) => (row as Record<string, unknown>)[lead]);
  return tally;
}

/** Compares the records among the messages of one of Airbyte's sources with the seed. */
export async function checkMessages(file: string, people: number, vendor: keyof Field): Promise<Tally> {
  const tally = new Tally(people);
  for await (const line of linesOf(file)) {
    if (!line.startsWith('{"type":"RECORD"')) continue;
    const { record } = JSON.parse(line) as { record: { data: Record<string, unknown> } }; // Airbyte's protocol
    tally.see((field) => record.data[field[vendor]]);
  }
  return tally;
}

/** Node.js's own reader of lines ends them at U+2028 too. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest) yield rest;
}
