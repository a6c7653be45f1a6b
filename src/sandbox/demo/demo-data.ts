import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InstanceCore } from '../core';
import { openMarketoStores } from '../marketo/stores';
import { readDemoCompanies, toMarketoCompany } from './demo-companies';
import { createPeopleSource, type DemoPlan } from './demo-people';
import { makeDemoPools } from './demo-pools';
import { toMarketoLead } from './demo-records';

export interface DemoWish {
  salesforce: InstanceCore;
  marketo: InstanceCore;
  /** Marketo people; Salesforce gets contacts and leads for most of them, and some of its own: three for every five. */
  people: number;
  /** The same seed makes the same data, relative to the sandbox's clock. */
  seed: number;
}

/** People that are loaded before other work gets its turn. */
const PEOPLE_AT_A_TIME = 5000;
const DAY_MS = 86_400_000;

/** Fills a pair of instances with companies and people of whom both know a part, as messy as they are in life. */
export async function loadDemoData({ marketo, people, seed }: DemoWish): Promise<void> {
  const now = Math.floor(marketo.clock.now() / 1000) * 1000;
  const companies = readDemoCompanies(seed);
  const plan: DemoPlan = { seed, people, now, companies, pools: makeDemoPools(seed) };
  const personAt = createPeopleSource(plan);

  const stores = openMarketoStores(marketo);
  const companiesSince = now - 400 * DAY_MS;
  stores.insertRecords(
    'companies',
    companies.map((company, index) => toMarketoCompany(company, companiesSince + index * 60_000)),
  );
  for (let first = 0; first < people; first += PEOPLE_AT_A_TIME) {
    stores.insertRecords('leads', marketoLeads(first, Math.min(first + PEOPLE_AT_A_TIME, people)));
    await nextTurn();
  }

  const list = stores.lists.add({ name: 'Newsletter readers', description: 'Every fifth person' });
  marketo.database.transaction(() => {
    for (const leadId of stores.leads.ids('select id from mk_leads where id % 5 = 0'))
      stores.lists.addMember(list.id, leadId);
  })();

  function* marketoLeads(from: number, to: number): Generator<Record<string, unknown>> {
    for (let index = from; index < to; index += 1) yield toMarketoLead(personAt(index));
  }
}
