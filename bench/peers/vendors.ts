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
export type Place = Source | Target;
export type Source = 'salesforce/default' | 'marketo/default';
export type Target = 'salesforce/target' | 'marketo/target';
const SOURCES: readonly Source[] = ['salesforce/default', 'marketo/default'];

/** Marketo's people are that old at most: some peers wait a minute for each thirty days. */
export const MARKETO_DAYS = 50;
const DAY_MS = 86_400_000;
/** People are there for so long before anything is measured, by the sandbox's clock: whoever reads what has changed since finds nothing. */
const AGE_MS = 3_600_000;
const CONTACTS_A_JOB = 50_000;
const LEADS_A_CALL = 5_000;
const POLL_MS = 200;
const API = '/services/data/v60.0';

const instanceSchema = z.object({
  url: z.string(),
  tlsUrl: z.string().nullable(),
  requests: z.number(),
});
const countersSchema = z.object({ counters: z.array(z.object({ endpoint: z.string(), count: z.number() })) });
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
  static async fill(everything: Everything, people: number, sources: readonly Source[] = SOURCES): Promise<Vendors> {
    const vendors = new Vendors(everything, people);
    await vendors.#post('/clock', { setTo: new Date(Date.now() - AGE_MS).toISOString() });
    await vendors.#post('/instances', { kind: 'salesforce', name: 'target', tls: true });
    await vendors.#post('/instances', { kind: 'marketo', name: 'target' });
    if (sources.includes('salesforce/default')) await vendors.addContacts('salesforce/default', people, valuesOf);
    if (sources.includes('marketo/default')) await vendors.#fillMarketo();
    await vendors.#post('/clock', { setTo: new Date().toISOString() });
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
  async empty(place: Target): Promise<void> {
    await this.#post(`/instances/${place}/reset`, {});
  }

  /** Calls that all instances have had. */
  async calls(): Promise<number> {
    const { instances } = z.object({ instances: z.array(instanceSchema) }).parse(await this.#get('/instances'));
    return instances.reduce((sum, { requests }) => sum + requests, 0);
  }

  /** Requests that an instance has had, by end point, sign-in included. */
  async callsByEndpoint(place: Place): Promise<Map<string, number>> {
    const { counters } = countersSchema.parse(await this.#get(`/instances/${place}/counters`));
    const calls = new Map<string, number>();
    for (const { endpoint, count } of counters) calls.set(endpoint, (calls.get(endpoint) ?? 0) + count);
    return calls;
  }

  /** Changes settings of an instance, until it is emptied. */
  async change(place: Place, settings: Readonly<Record<string, number>>): Promise<void> {
    await this.#send('PATCH', `/instances/${place}/vendor/settings`, settings);
  }

  /** Calls that Marketo has refused for its limits: too many in its window, in a day, at once. */
  refusals(place: 'marketo/target'): number {
    const codes = ['606', '607', '615'];
    return this.#inFileOf(place, (database) =>
      Number(
        database
          .prepare(`select coalesce(sum(count), 0) from mk_usage_errors where code in (${codes.map(() => '?')})`)
          .pluck()
          .get(codes),
      ),
    );
  }

  /** A session of the API user, by client credentials. */
  async salesforceToken(place: Place): Promise<string> {
    const { url } = await this.urlsOf(place);
    const form = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'sandbox' };
    const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
    return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
  }

  /**
   * Compares a destination with the seed, by the file in which the sandbox keeps it.
   * @param losesNulls as `Tally` has it
   */
  check(place: Target, losesNulls = false): Tally {
    const tally = new Tally(this.people, losesNulls);
    this.#inFileOf(place, (database) => {
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
    });
    return tally;
  }

  #inFileOf<T>(place: Place, look: (database: Database.Database) => T): T {
    const file = join(this.everything.settings.dataDir, 'sandbox', `${place.replace('/', '-')}.sqlite`);
    const database = new Database(file, { readonly: true });
    try {
      return look(database);
    } finally {
      database.close();
    }
  }

  /**
   * Adds contacts by the bulk API.
   * @param nth the values of the n-th of them, in the order of `ALL_FIELDS`
   */
  async addContacts(
    place: 'salesforce/default' | 'salesforce/target',
    count: number,
    nth: (n: number) => string[],
  ): Promise<void> {
    const { url } = await this.urlsOf(place);
    const authorization = `Bearer ${await this.salesforceToken(place)}`;
    const call = async (method: string, path: string, body?: string, type = 'application/json') => {
      const headers = { authorization, 'content-type': type };
      const answer = await fetch(`${url}${API}/jobs/ingest${path}`, { method, headers, ...(body ? { body } : {}) });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer;
    };
    const job = { object: 'Contact', operation: 'insert', contentType: 'CSV', lineEnding: 'LF' };
    for (let first = 0; first < count; first += CONTACTS_A_JOB) {
      const rows = Array.from({ length: Math.min(CONTACTS_A_JOB, count - first) }, (_, offset) => nth(first + offset));
      const { id } = jobSchema.parse(await (await call('POST', '', JSON.stringify(job))).json());
      await call(
        'PUT',
        `/${id}/batches`,
        stringify(rows, { header: true, columns: ALL_FIELDS.map(({ contact }) => contact) }),
        'text/csv',
      );
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
    const noLimits = { callsPerWindow: 0, callsAtOnce: 0, callsPerDay: 0, exportBytesPerDay: 0 };
    await this.change('marketo/default', noLimits);
    const start = Date.now() - MARKETO_DAYS * DAY_MS;
    for (let first = 0; first < this.people; first += LEADS_A_CALL) {
      const length = Math.min(LEADS_A_CALL, this.people - first);
      const records = Array.from({ length }, (_, offset) => {
        const index = first + offset;
        const createdAt = start + Math.floor((index / this.people) * (MARKETO_DAYS - 1) * DAY_MS);
        return { ...recordOf(index, 'lead'), createdAt, updatedAt: createdAt };
      });
      await this.#post('/instances/marketo/default/vendor/records', { object: 'leads', records });
    }
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
