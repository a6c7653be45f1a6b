import type { DemoCompany } from './demo-companies';
import { toSalesforceAccount } from './demo-companies';
import type { DemoPerson, DemoPlan } from './demo-people';
import { type DemoRecord, salesforceRoleOf, toSalesforceContact, toSalesforceLead } from './demo-records';

/** Accounts are older than any of their people. */
const ACCOUNTS_AGE_MS = 400 * 86_400_000;

/** Everything that Salesforce is given, in the order in which it has to be made. */
export interface SalesforceDemoData {
  accounts(): Iterable<DemoRecord & { symbol: string }>;
  /** @param accountIdOf the Id of the Account of a company, `null` where Salesforce does not have it */
  contacts(accountIdOf: (symbol: string) => string | null): Iterable<DemoRecord>;
  leads(): Iterable<DemoRecord>;
}

/** Makes records only as they are asked for, so that a million people need no memory. */
export function salesforceDemoData(
  { companies, people, now }: Pick<DemoPlan, 'companies' | 'people' | 'now'>,
  personAt: (index: number) => DemoPerson,
): SalesforceDemoData {
  return {
    *accounts() {
      for (const [index, company] of companies.entries()) if (company.isInSalesforce) yield accountOf(company, index);
    },
    *contacts(accountIdOf) {
      for (let index = 0; index < people; index += 1) {
        const role = salesforceRoleOf(index);
        if (role !== 'contact' && role !== 'strangerContact') continue;
        const contact = toSalesforceContact(personAt(index), role === 'strangerContact', accountIdOf);
        yield contact;
        // somebody entered this one twice
        if (index % 331 === 5) yield { ...contact, updatedAt: now };
      }
    },
    *leads() {
      for (let index = 0; index < people; index += 1)
        if (salesforceRoleOf(index) === 'lead') yield toSalesforceLead(personAt(index));
    },
  };

  function accountOf(company: DemoCompany, index: number): DemoRecord & { symbol: string } {
    const createdAt = now - ACCOUNTS_AGE_MS + index * 60_000;
    return { symbol: company.symbol, values: toSalesforceAccount(company, index), createdAt, updatedAt: createdAt };
  }
}
