import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { seededRandom } from '../seeded-random';

/** A company of the demo data: real name, sector and seat; size and address made up. */
export interface DemoCompany {
  /** Stock symbol: unique, unlike the CIK, which two classes of shares have in common. */
  symbol: string;
  name: string;
  sector: string;
  subIndustry: string;
  /** `null` where the file says that there is none. */
  headquarters: string | null;
  city: string | null;
  state: string | null;
  country: string;
  cik: string;
  founded: string;
  employees: number;
  annualRevenue: number;
  website: string;
  phone: string;
  /** Whether Salesforce has it too. */
  isInSalesforce: boolean;
}

const rowSchema = z.object({
  Symbol: z.string().min(1),
  Security: z.string().min(1),
  'GICS Sector': z.string(),
  'GICS Sub-Industry': z.string(),
  'Headquarters Location': z.string(),
  CIK: z.string(),
  Founded: z.string(),
});

/** What stands for the seat of a company without one. */
const NO_SEAT = 'none';
/** Seats outside of the United States end with one of these. */
const COUNTRIES: ReadonlySet<string> = new Set([
  'Bermuda',
  'Canada',
  'Germany',
  'Ireland',
  'Israel',
  'Luxembourg',
  'Netherlands',
  'Singapore',
  'Switzerland',
  'United Kingdom',
  'UK',
]);

/** Reads the companies; the same for the same seed. */
export function readDemoCompanies(seed: number): DemoCompany[] {
  const text = readFileSync(join(__dirname, 'companies.csv'), 'utf8');
  const rows = z.array(rowSchema).parse(parse(text, { columns: true, bom: true }));
  const random = seededRandom(seed);
  return rows.map((row, index) => {
    const seat = readSeat(row['Headquarters Location']);
    const employees = Math.round(10 ** (2.5 + random() * 2.7));
    return {
      symbol: row.Symbol,
      name: row.Security,
      sector: row['GICS Sector'],
      subIndustry: row['GICS Sub-Industry'],
      headquarters: row['Headquarters Location'] === NO_SEAT ? null : row['Headquarters Location'],
      ...seat,
      cik: row.CIK,
      founded: row.Founded,
      employees,
      annualRevenue: Math.round(employees * (80 + random() * 600)) * 1000,
      website: `https://${webName(row.Symbol)}.example.com/`,
      phone: `+1 555 ${String(100 + Math.floor(random() * 900))} ${String(1000 + Math.floor(random() * 9000))}`,
      isInSalesforce: index % 2 === 0,
    };
  });
}

function readSeat(headquarters: string): { city: string | null; state: string | null; country: string } {
  if (headquarters === NO_SEAT) return { city: null, state: null, country: 'United States' };
  const parts = headquarters.split(',').map((part) => part.trim().replace(/\[\d+\]$/, '')); // footnotes of the source
  const [city = ''] = parts;
  const last = parts[parts.length - 1] ?? '';
  if (COUNTRIES.has(last)) {
    const middle = parts.slice(1, -1).join(', ');
    return { city, state: middle === '' ? null : middle, country: last === 'UK' ? 'United Kingdom' : last };
  }
  return { city, state: parts.length > 1 ? last : null, country: 'United States' };
}

const webName = (symbol: string): string => symbol.toLowerCase().replace(/[^a-z0-9]/g, '-');

export function toMarketoCompany(company: DemoCompany, createdAt: number): Record<string, unknown> {
  return {
    externalCompanyId: company.symbol,
    company: company.name,
    site: company.headquarters,
    website: company.website,
    mainPhone: company.phone,
    annualRevenue: company.annualRevenue,
    numberOfEmployees: company.employees,
    industry: company.sector,
    billingCity: company.city,
    billingState: company.state,
    billingCountry: company.country,
    mktoCompanyNotes: `${company.subIndustry}\nFounded ${company.founded}, CIK ${company.cik}`,
    createdAt,
  };
}

/** Two of three Accounts are as Marketo has them; of the others Salesforce knows something older, and writes their names large. */
export function toSalesforceAccount(company: DemoCompany, index: number): Record<string, unknown> {
  const isOlder = index % 6 === 2;
  const isShorter = index % 6 === 4 && index % 4 === 0;
  return {
    Name: isOlder ? company.name.toUpperCase() : company.name,
    AccountNumber: company.symbol,
    TickerSymbol: company.symbol,
    Site: company.headquarters,
    Website: company.website,
    Phone: company.phone,
    AnnualRevenue: company.annualRevenue,
    NumberOfEmployees: isOlder ? Math.round(company.employees * 0.9) : company.employees,
    Industry: company.sector,
    BillingCity: company.city,
    BillingState: isShorter ? null : company.state,
    BillingCountry: company.country,
    YearStarted: /^\d{4}/.exec(company.founded)?.[0] ?? null,
    Description: `${company.subIndustry}\nFounded ${company.founded}, CIK ${company.cik}`,
  };
}
