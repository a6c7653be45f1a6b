import type { MarketoHost, Sandbox } from '../../src/sandbox/sandbox';
import { marketoPost } from './marketo-calls';
import { salesforceWrite } from './vendor-rows';

/** What tests tell of a person, whatever its fields are called at a source. */
export interface Person {
  email: string | null;
  country: string;
  note: string | null;
  name: string;
  /** At Marketo a field of which the date of the last change does not tell. */
  score: number;
}

/** People at a source, changed as any program would. */
export interface ChangingSource {
  object: string;
  /** Its own names of what is told of a person. */
  fields: Record<keyof Person, string>;
  create(person: Person): Promise<string>;
  edit(id: string, changes: Partial<Person>): Promise<void>;
  remove(id: string): Promise<void>;
  /** One record goes, and what it was goes on in the other. */
  merge(winner: string, loser: string): Promise<void>;
}

export function marketoSource(host: MarketoHost): ChangingSource {
  const fields = { email: 'email', country: 'country', note: 'address', name: 'firstName', score: 'score__c' };
  const leads = (action: string, input: Record<string, unknown>) =>
    marketoPost(host, '/rest/v1/leads.json', { action, lookupField: 'id', input: [input] });
  return {
    object: 'Lead',
    fields,
    async create(person) {
      const input = named(fields, person);
      const [created] = await marketoPost(host, '/rest/v1/leads.json', { action: 'createDuplicate', input: [input] });
      return String(created?.id);
    },
    edit: async (id, changes) => void (await leads('updateOnly', { id: Number(id), ...named(fields, changes) })),
    remove: async (id) => void (await marketoPost(host, '/rest/v1/leads/delete.json', { input: [{ id: Number(id) }] })),
    merge: async (winner, loser) =>
      void (await marketoPost(host, `/rest/v1/leads/${winner}/merge.json?leadId=${loser}`, {})),
  };
}

export function salesforceSource({
  salesforce,
  controlUrl,
}: Pick<Sandbox, 'salesforce' | 'controlUrl'>): ChangingSource {
  const fields = {
    email: 'Email',
    country: 'MailingCountry',
    note: 'Description',
    name: 'FirstName',
    score: 'Department',
  };
  const values = (person: Partial<Person>) =>
    named(fields, { ...person, ...(person.score === undefined ? {} : { score: String(person.score) }) });
  return {
    object: 'Contact',
    fields,
    create: async (person) =>
      String(await salesforceWrite(salesforce, 'POST', 'Contact', { LastName: 'Sample', ...values(person) })),
    edit: async (id, changes) => void (await salesforceWrite(salesforce, 'PATCH', `Contact/${id}`, values(changes))),
    remove: async (id) => void (await salesforceWrite(salesforce, 'DELETE', `Contact/${id}`)),
    // people merge in Salesforce's own pages, or by SOAP
    async merge(winner, loser) {
      const { status } = await fetch(`${controlUrl}/instances/salesforce/default/vendor/merge`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ masterId: winner, loserIds: [loser] }),
      });
      if (status !== 204) throw new Error(`The merge was refused with ${status}.`);
    },
  };
}

const named = (fields: ChangingSource['fields'], told: Partial<Record<keyof Person, unknown>>) =>
  Object.fromEntries(
    Object.entries(told).map(([of, value]) => [fields[of as keyof Person], value]), // its members are those of a person
  );

/** Both kinds of source, of one sandbox. */
export const changingSources = (sandbox: Sandbox) => ({
  marketo: marketoSource(sandbox.marketo),
  salesforce: salesforceSource(sandbox),
});
