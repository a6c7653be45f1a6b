import { readDemoCompanies, toMarketoCompany, toSalesforceAccount } from '../../src/sandbox/demo/demo-companies';
import { createPeopleSource, type DemoPerson } from '../../src/sandbox/demo/demo-people';
import { makeDemoPools } from '../../src/sandbox/demo/demo-pools';
import { salesforceRoleOf, toSalesforceContact, toSalesforceLead } from '../../src/sandbox/demo/demo-records';
import { salesforceDemoData } from '../../src/sandbox/demo/demo-salesforce';

const NOW = Date.parse('2026-08-30T12:00:00Z');
const YEAR_MS = 365 * 86_400_000;

describe('demo people', () => {
  const draw = (seed: number, people = 5000): DemoPerson[] => {
    const personAt = createPeopleSource({
      seed,
      people,
      now: NOW,
      pools: makeDemoPools(seed),
      companies: readDemoCompanies(seed),
    });
    return Array.from({ length: people }, (_, index) => personAt(index));
  };
  const everybody = draw(1);

  test('when the seed is the same, so is everybody; another seed makes others', () => {
    expect(draw(1, 300)).toEqual(draw(1, 300));
    expect(draw(2, 300)).not.toEqual(draw(1, 300));
  });

  test('when addresses are made, they belong to nobody', () => {
    const emails = everybody.flatMap(({ email }) => (email === null ? [] : [email.trim().toLowerCase()]));

    expect(emails.every((email) => /^[a-z0-9.+']+@example\.(com|org|net)$/.test(email))).toBe(true);
  });

  test('when people are drawn, they are as messy as in life: twins, gaps, other alphabets, long and hostile texts', () => {
    const share = (fits: (person: DemoPerson) => boolean): number => everybody.filter(fits).length / everybody.length;
    const keys = everybody.flatMap(({ email }) => (email === null ? [] : [email.trim().toLowerCase()]));

    expect(keys.length - new Set(keys).size).toBeGreaterThan(30);
    expect(share(({ email }) => email === null)).toBeGreaterThan(0.01);
    expect(share(({ email }) => email !== null && email !== email.trim().toLowerCase())).toBeGreaterThan(0.01);
    expect(share(({ lastName }) => /[^\u0020-\u007e]/.test(lastName))).toBeGreaterThan(0.05);
    expect(share(({ title }) => (title?.length ?? 0) > 128)).toBeGreaterThan(0.001);
    expect(share(({ lastName }) => lastName.length > 80)).toBeGreaterThan(0);
    expect(share(({ notes }) => notes?.includes('\n') ?? false)).toBeGreaterThan(0.05);
    expect(share(({ postalCode }) => postalCode.startsWith('0'))).toBeGreaterThan(0.02);
  });

  test('when dates are drawn, everybody came within the last year and changed after that', () => {
    expect(everybody.every(({ createdAt }) => createdAt >= NOW - YEAR_MS && createdAt <= NOW)).toBe(true);
    expect(everybody.every(({ createdAt, updatedAt }) => updatedAt >= createdAt && updatedAt <= NOW)).toBe(true);
  });

  test('when Salesforce has somebody, it is three for every five, within its lengths', () => {
    const roles = everybody.map(({ index }) => salesforceRoleOf(index));
    const records = everybody.map((person) =>
      salesforceRoleOf(person.index) === 'lead'
        ? toSalesforceLead(person).values
        : toSalesforceContact(person, false, () => null).values,
    );

    expect(roles.filter((role) => role !== null)).toHaveLength(3000);
    expect(roles.filter((role) => role === 'lead')).toHaveLength(500);
    const tooLong = (name: string, length: number) =>
      records.filter((record) => String(record[name] ?? '').length > length);
    expect([tooLong('LastName', 80), tooLong('FirstName', 40), tooLong('Title', 128), tooLong('Email', 80)]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });
});

describe('demo data for Salesforce', () => {
  test('when the records are made, contacts name the Accounts that are there, and a few are there twice', () => {
    const companies = readDemoCompanies(1);
    const plan = { seed: 1, people: 2000, now: NOW, pools: makeDemoPools(1), companies };
    const data = salesforceDemoData(plan, createPeopleSource(plan));

    const accounts = [...data.accounts()];
    const symbols = new Set(accounts.map(({ symbol }) => symbol));
    const contacts = [...data.contacts((symbol) => (symbols.has(symbol) ? `id of ${symbol}` : null))];
    const leads = [...data.leads()];

    expect([accounts.length, leads.length]).toEqual([252, 200]);
    expect(contacts.length).toBeGreaterThan(1000);
    expect(contacts.length).toBeLessThan(1020);
    const withAccount = contacts.filter(({ values }) => values.AccountId !== null);
    expect(withAccount.length).toBeGreaterThan(200);
    const records = [...accounts, ...contacts, ...leads];
    expect(records.every(({ createdAt, updatedAt }) => createdAt <= updatedAt && updatedAt <= NOW)).toBe(true);
  });
});

describe('demo companies', () => {
  const companies = readDemoCompanies(1);

  test('when the file is read, all 503 companies have a key of their own and their names whole', () => {
    expect(companies).toHaveLength(503);
    expect(new Set(companies.map(({ symbol }) => symbol)).size).toBe(503);
    const names = companies.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['AT&T', 'Tyson Foods', 'Alphabet Inc. (Class A)']));
    expect(names.some((name) => name.includes(','))).toBe(true);
    expect(names.filter((name) => name.includes('&')).length).toBeGreaterThan(5);
  });

  test('when the seat is read, city, state and country are told apart', () => {
    const seatOf = (symbol: string) => companies.find((company) => company.symbol === symbol);

    expect(seatOf('MMM')).toMatchObject({ city: 'Saint Paul', state: 'Minnesota', country: 'United States' });
    expect(seatOf('AON')).toMatchObject({ city: 'London', state: null, country: 'United Kingdom' });
  });

  test('when Salesforce has half of them, all are found by their names, and some names are written otherwise', () => {
    const both = companies
      .map((company, index) => ({ company, index }))
      .filter(({ company }) => company.isInSalesforce);
    const names = both.map(({ company, index }) => [
      String(toSalesforceAccount(company, index).Name),
      String(toMarketoCompany(company, 0).company),
    ]);

    expect(names).toHaveLength(252);
    for (const [account, name] of names) expect(account?.toLowerCase()).toBe(name?.toLowerCase());
    const equal = names.filter(([account, name]) => account === name).length;
    expect(equal).toBeGreaterThan(150);
    expect(equal).toBeLessThan(252);
  });
});
