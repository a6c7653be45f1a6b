import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InstanceCore } from '../core';
import { openMarketoStores } from '../marketo/stores';
import type { SalesforceInstance } from '../salesforce/instance';
import { createRecordFiller } from '../salesforce/record-filler';
import { readDemoCompanies, toMarketoCompany } from './demo-companies';
import { createPeopleSource, type DemoPerson, type DemoPlan } from './demo-people';
import { type DemoRecord, toMarketoLead } from './demo-records';
import { salesforceDemoData } from './demo-salesforce';

export interface DemoWish {
  /** The instances to fill: either, or both, who then know a part of each other's people. */
  salesforce?: SalesforceInstance;
  marketo?: InstanceCore;
  /** Marketo people; Salesforce gets contacts and leads for most of them, and some of its own: three for every five. */
  people: number;
  /** The same seed makes the same data, relative to `now`. */
  seed: number;
  /** The latest instant of all data, milliseconds since 1970. */
  now: number;
}

/** People that are loaded before other work gets its turn. */
const PEOPLE_AT_A_TIME = 5000;
const DAY_MS = 86_400_000;
const COMPANIES_AGE_MS = 400 * DAY_MS;

/** Fills instances with companies and people, as messy as they are in life. */
export async function loadDemoData({ salesforce, marketo, people, seed, now: at }: DemoWish): Promise<void> {
  const now = Math.floor(at / 1000) * 1000;
  const companies = readDemoCompanies(seed);
  // names in eight languages take a third of a second to load, and most sandboxes have no such people
  const { makeDemoPools } = await import('./demo-pools');
  const plan: DemoPlan = { seed, people, now, companies, pools: makeDemoPools(seed) };
  const personAt = createPeopleSource(plan);
  if (salesforce) await fillSalesforce(salesforce, salesforceDemoData(plan, personAt));
  if (marketo) await fillMarketo(marketo, plan, personAt);
}

async function fillMarketo(
  marketo: InstanceCore,
  { companies, people, now }: DemoPlan,
  personAt: (index: number) => DemoPerson,
): Promise<void> {
  const stores = openMarketoStores(marketo);
  stores.insertRecords(
    'companies',
    companies.map((company, index) => toMarketoCompany(company, now - COMPANIES_AGE_MS + index * 60_000)),
  );
  await stores.leads.withoutIndexes(async () => {
    for (let first = 0; first < people; first += PEOPLE_AT_A_TIME) {
      stores.insertRecords('leads', marketoLeads(first, Math.min(first + PEOPLE_AT_A_TIME, people)));
      await nextTurn();
    }
  });
  const list = stores.lists.add({ name: 'Newsletter readers', description: 'Every fifth person' });
  marketo.database.transaction(() => {
    for (const leadId of stores.leads.ids('select id from mk_leads where id % 5 = 0'))
      stores.lists.addMember(list.id, leadId);
  })();

  function* marketoLeads(from: number, to: number): Generator<Record<string, unknown>> {
    for (let index = from; index < to; index += 1) yield toMarketoLead(personAt(index));
  }
}

async function fillSalesforce(
  { org, setup }: SalesforceInstance,
  data: ReturnType<typeof salesforceDemoData>,
): Promise<void> {
  const filler = createRecordFiller(org, setup.userReference);
  const accountIds = new Map<string, string>();
  org.transaction(() => {
    for (const account of data.accounts()) accountIds.set(account.symbol, filler.add('Account', account));
  });
  const fill = async (objectName: string, records: Iterator<DemoRecord>): Promise<void> => {
    for (let isDone = false; !isDone; await nextTurn())
      isDone = org.transaction(() => {
        for (let count = 0; count < PEOPLE_AT_A_TIME; count += 1) {
          const next = records.next();
          if (next.done) return true;
          filler.add(objectName, next.value);
        }
        return false;
      });
  };
  await fill('Contact', data.contacts((symbol) => accountIds.get(symbol) ?? null)[Symbol.iterator]());
  await fill('Lead', data.leads()[Symbol.iterator]());
}
