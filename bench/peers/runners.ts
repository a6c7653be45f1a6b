import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Result } from './diary';
import { runProgram } from './measured-program';
import type { Ours, Route } from './ours';
import { ALL_FIELDS, MAPPED, type Tally, valuesOf } from './seed';
import { type PeerFolder, peersDir, pythonOf, setUp } from './set-up';
import { checkCsv, checkMessages, MARKETO_DAYS, type Place, type Target, type Vendors } from './vendors';

/** Something that moves or reads the people, and is measured at it. */
export interface Runner {
  /** By which `--only` names it. */
  name: string;
  tool: string;
  job: string;
  /** What is emptied before. */
  fills?: Target;
  run(context: Context): Promise<Partial<Result>>;
  /** Compares with the seed what it made. */
  check(context: Context): Tally | Promise<Tally>;
}

/** What runners work with. */
export interface Context {
  vendors: Vendors;
  ours: Ours;
  /** A folder for files. */
  workDir: string;
}

const CONTACTS_COPIED = 'Salesforce → Salesforce';
const LEADS_COPIED = 'Marketo → Salesforce';
const INTO_MARKETO = 'into Marketo, with its limits';
const CONTACTS_READ = 'Salesforce, read alone';
const LEADS_READ = 'Marketo, read alone';

const DAY_MS = 86_400_000;
/** The longest range of an extract job is 31 days. */
const WINDOW_DAYS = 30;
const SECRET = 'sandbox';
const ROWS_AT_A_TIME = 10_000;

const sync = (name: string, job: string, route: Route): Runner => ({
  name,
  tool: 'Sync',
  job,
  fills: route.to,
  run: ({ ours }) => ours.run(route),
  check: ({ vendors }) => vendors.check(route.to),
});

/** All that is measured, in the order in which they take turns. */
export const RUNNERS: readonly Runner[] = [
  sync('sync', CONTACTS_COPIED, { from: 'salesforce/default', to: 'salesforce/target' }),
  {
    name: 'sfdmu',
    tool: 'SFDMU 3.7.19',
    job: CONTACTS_COPIED,
    fills: 'salesforce/target',
    async run(context) {
      const [source, target] = await Promise.all([
        orgOf(context, 'salesforce/default'),
        orgOf(context, 'salesforce/target'),
      ]);
      const org = (name: string, { url, token }: Org) => ({ name, instanceUrl: url, accessToken: token });
      const query = `SELECT ${CONTACT_FIELDS.join(', ')} FROM Contact`;
      const folder = join(context.workDir, 'sfdmu');
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, 'export.json'),
        JSON.stringify({
          orgs: [org('source', source), org('target', target)],
          objects: [{ query, operation: 'Insert', externalId: 'Email' }],
        }),
      );
      return nodeProgram(context, 'sfdmu', folder, { HOME: folder });
    },
    check: ({ vendors }) => vendors.check('salesforce/target'),
  },
  {
    name: 'jsforce',
    tool: 'script over jsforce 3.10.16',
    job: CONTACTS_COPIED,
    fills: 'salesforce/target',
    run: async (context) => nodeProgram(context, 'jsforce-copy', await contactsJob(context)),
    check: ({ vendors }) => vendors.check('salesforce/target'),
  },
  {
    name: 'simple-salesforce',
    tool: 'script over simple-salesforce 1.12.10',
    job: CONTACTS_COPIED,
    fills: 'salesforce/target',
    run: async (context) => script(context, 'simple_salesforce_copy', await contactsJob(context)),
    check: ({ vendors }) => vendors.check('salesforce/target'),
  },
  sync('sync-from-marketo', LEADS_COPIED, { from: 'marketo/default', to: 'salesforce/target' }),
  {
    name: 'marketo-script',
    tool: 'script over marketorestpython 0.5.25 and simple-salesforce 1.12.10',
    job: LEADS_COPIED,
    fills: 'salesforce/target',
    async run(context) {
      const source = await context.vendors.urlsOf('marketo/default');
      const target = await orgOf(context, 'salesforce/target');
      const job = { source, target, fields: LEAD_FIELDS, targetFields: CONTACT_FIELDS, windows: windows() };
      return script(context, 'marketo_to_salesforce', jobFile(context, job));
    },
    check: ({ vendors }) => vendors.check('salesforce/target'),
  },
  sync('sync-into-marketo', INTO_MARKETO, { from: 'salesforce/default', to: 'marketo/target' }),
  {
    name: 'marketorestpython-load',
    tool: 'script over marketorestpython 0.5.25, from a file',
    job: INTO_MARKETO,
    fills: 'marketo/target',
    async run(context) {
      const input = join(context.workDir, 'leads.csv');
      writeLeads(input, context.vendors.people);
      const target = await context.vendors.urlsOf('marketo/target');
      return script(context, 'marketo_load', jobFile(context, { target, input }));
    },
    check: ({ vendors }) => vendors.check('marketo/target'),
  },
  {
    name: 'airbyte-salesforce',
    tool: 'airbyte-source-salesforce 2.10.3, all fields',
    job: CONTACTS_READ,
    async run(context) {
      const { url, token } = await orgOf(context, 'salesforce/default');
      const config = {
        client_id: 'a client of no use',
        client_secret: 'a secret of no use',
        refresh_token: 'a token of no use',
        start_date: instant(Date.now() - DAY_MS),
        force_use_bulk_api: true,
        streams_criteria: [{ criteria: 'exacts', value: 'Contact' }],
      };
      return airbyte(context, 'airbyte-source-salesforce', {
        program: [join(__dirname, 'programs', 'airbyte_salesforce.py'), url, token],
        config,
        catalog: catalogOf('Contact', {}),
      });
    },
    check: ({ vendors, workDir }) => checkMessages(messagesFile(workDir), vendors.people, 'contact'),
  },
  {
    name: 'airbyte-marketo',
    tool: 'airbyte-source-marketo 2.1.3',
    job: LEADS_READ,
    async run(context) {
      const { url } = await context.vendors.urlsOf('marketo/default');
      const properties = Object.fromEntries(
        [...ALL_FIELDS.map(({ lead }) => lead), 'id', 'updatedAt'].map((lead) => [lead, {}]),
      );
      return airbyte(context, 'airbyte-source-marketo', {
        program: [join(peersDir(), 'airbyte-source-marketo', 'bin', 'source-marketo')],
        config: {
          domain_url: url,
          client_id: SECRET,
          client_secret: SECRET,
          start_date: instant(Date.now() - MARKETO_DAYS * DAY_MS - DAY_MS),
          window_in_days: WINDOW_DAYS,
        },
        catalog: catalogOf('leads', { properties }),
      });
    },
    check: ({ vendors, workDir }) => checkMessages(messagesFile(workDir), vendors.people, 'lead'),
  },
  {
    name: 'marketorestpython-extract',
    tool: 'script over marketorestpython 0.5.25, files kept as they are',
    job: LEADS_READ,
    async run(context) {
      const source = await context.vendors.urlsOf('marketo/default');
      const fields = ['id', 'updatedAt', ...ALL_FIELDS.map(({ lead }) => lead)];
      const job = { source, fields, windows: windows(), output: join(context.workDir, 'extract.csv') };
      return script(context, 'marketo_extract', jobFile(context, job));
    },
    check: ({ vendors, workDir }) => checkCsv(join(workDir, 'extract.csv'), vendors.people),
  },
];

const CONTACT_FIELDS = MAPPED.map(({ contact }) => contact);
const LEAD_FIELDS = MAPPED.map(({ lead }) => lead);

interface Org {
  url: string;
  tlsUrl: string | null;
  token: string;
}

async function orgOf({ vendors }: Context, place: Place): Promise<Org> {
  return { ...(await vendors.urlsOf(place)), token: await vendors.salesforceToken(place) };
}

async function contactsJob(context: Context): Promise<string> {
  const [source, target] = await Promise.all([
    orgOf(context, 'salesforce/default'),
    orgOf(context, 'salesforce/target'),
  ]);
  return jobFile(context, { source, target, fields: CONTACT_FIELDS });
}

function jobFile({ workDir }: Context, job: unknown): string {
  const file = join(workDir, 'job.json');
  writeFileSync(file, JSON.stringify(job));
  return file;
}

/** Ranges in which all people of Marketo were created, each as long as an extract may be. */
function windows(): { startAt: string; endAt: string }[] {
  const end = Date.now();
  const starts: number[] = [];
  for (let start = end - (MARKETO_DAYS + 1) * DAY_MS; start < end; start += WINDOW_DAYS * DAY_MS) starts.push(start);
  // both ends of a range count, to the second
  return starts.map((start) => ({
    startAt: instant(start),
    endAt: instant(Math.min(start + WINDOW_DAYS * DAY_MS - 1000, end)),
  }));
}

const instant = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 19)}Z`;

function writeLeads(file: string, people: number): void {
  writeFileSync(file, `${LEAD_FIELDS.join(',')}\n`);
  for (let first = 0; first < people; first += ROWS_AT_A_TIME) {
    const length = Math.min(ROWS_AT_A_TIME, people - first);
    appendFileSync(file, stringify(Array.from({ length }, (_, at) => valuesOf(first + at).slice(0, MAPPED.length))));
  }
}

async function nodeProgram({ workDir }: Context, name: string, argument: string, env = {}): Promise<Partial<Result>> {
  await setUp('node');
  return runProgram({
    command: process.execPath,
    args: [join(__dirname, 'programs', `${name}.cjs`), join(peersDir(), 'node'), argument],
    env,
    output: join(workDir, 'output'),
  });
}

async function script({ vendors, workDir }: Context, name: string, argument: string): Promise<Partial<Result>> {
  await setUp('scripts');
  return runProgram({
    command: pythonOf('scripts'),
    args: [join(__dirname, 'programs', `${name}.py`), argument],
    env: { REQUESTS_CA_BUNDLE: vendors.certificate, PYTHONDONTWRITEBYTECODE: '1' },
    output: join(workDir, 'output'),
  });
}

const messagesFile = (workDir: string): string => join(workDir, 'output');

interface AirbyteSource {
  program: readonly string[];
  config: unknown;
  catalog: unknown;
}

async function airbyte({ workDir }: Context, folder: PeerFolder, source: AirbyteSource): Promise<Partial<Result>> {
  await setUp(folder);
  const [config, catalog] = [join(workDir, 'config.json'), join(workDir, 'catalog.json')];
  writeFileSync(config, JSON.stringify(source.config));
  writeFileSync(catalog, JSON.stringify(source.catalog));
  return runProgram({
    command: pythonOf(folder),
    args: [...source.program, 'read', '--config', config, '--catalog', catalog],
    output: messagesFile(workDir),
  });
}

const catalogOf = (name: string, schema: unknown) => ({
  streams: [
    {
      stream: { name, json_schema: schema, supported_sync_modes: ['full_refresh', 'incremental'] },
      sync_mode: 'full_refresh',
      destination_sync_mode: 'overwrite',
    },
  ],
});
