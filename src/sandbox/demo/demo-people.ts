import { seededRandom } from '../seeded-random';
import type { DemoCompany } from './demo-companies';
import type { DemoPools } from './demo-pools';

/** One person as both systems might know them. Every value follows from the seed and the person's number alone. */
export interface DemoPerson {
  index: number;
  firstName: string | null;
  lastName: string;
  /** As Marketo has it: in the case and with the blanks of whoever typed it. */
  email: string | null;
  title: string | null;
  department: string;
  phone: string | null;
  mobilePhone: string | null;
  street: string;
  city: string;
  state: string | null;
  postalCode: string;
  country: string;
  leadSource: string | null;
  notes: string | null;
  birthDate: string | null;
  company: DemoCompany | null;
  /** Name of an employer that is no company of its own. */
  otherEmployer: string | null;
  isUnsubscribed: boolean;
  isPartner: boolean;
  score: number;
  crmKey: string | null;
  externalRef: string;
  renewalDate: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface DemoPlan {
  seed: number;
  people: number;
  /** The latest instant of all data. */
  now: number;
  pools: DemoPools;
  companies: readonly DemoCompany[];
}

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const DOMAINS = ['example.com', 'example.org', 'example.net'];
const LEAD_SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other', 'Webinar', 'Trade Show'];
const SMALL_EMPLOYERS = [
  'Bakery & Sons',
  'Smith, Jones & Partners',
  'Ångström Lab',
  'Łódź Design Studio',
  '株式会社サンプル',
];
/** Texts that break what does not quote, escape or count well. */
const HOSTILE_TEXTS = [
  '=1+1',
  '"quoted", and; separated\tby tab',
  'emoji 👩‍🚀🚀 and こんにちは',
  'line separator \u2028 inside',
  "it's 100% <b>sure</b> & \\ more",
  'null',
];

/** Draws people by their number, so that both systems' data can be made without keeping a million of them. */
export function createPeopleSource(plan: DemoPlan): (index: number) => DemoPerson {
  return (index) => drawPerson(index, plan);
}

/** A person like this one was entered twice: with the e-mail of somebody a little earlier. */
const originalOf = (index: number): number | null => (index >= 50 && index % 67 === 13 ? index - 37 : null);

function drawPerson(index: number, plan: DemoPlan): DemoPerson {
  const { pools, companies, people, now } = plan;
  const random = randomOf(plan.seed, index);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T; // within its bounds
  const chance = (probability: number): boolean => random() < probability;

  const region = pick(pools.regions);
  const firstName = chance(0.02) ? null : chance(0.003) ? longName(pick(region.firstNames)) : pick(region.firstNames);
  const lastName = chance(0.002) ? longName(pick(region.lastNames)) : pick(region.lastNames);
  const { city, state, postalCode } = pick(region.cities);
  const employer = chance(0.6) ? companies[Math.floor(random() ** 2 * companies.length)] : undefined;
  // in order of their numbers, so that ids and dates ascend together
  const createdAt = now - YEAR_MS + Math.floor(((index + random()) / people) * YEAR_MS * 0.995);
  const updatedAt = chance(0.4) ? createdAt : createdAt + Math.floor(random() ** 2 * (now - createdAt));
  return {
    index,
    firstName,
    lastName,
    email: emailOf(index, firstName, lastName, plan, random),
    title: titleOf(pick(pools.titles), random),
    department: pick(pools.departments),
    phone: chance(0.15) ? null : `${region.phonePrefix} ${digits(random, 3)} ${digits(random, 4)}`,
    mobilePhone: chance(0.6) ? null : `${region.phonePrefix}${digits(random, 7)}`,
    street: pick(region.streets),
    city,
    state,
    postalCode,
    country: region.country,
    leadSource: chance(0.1) ? null : pick(LEAD_SOURCES),
    notes: notesOf(pools.sentences, random),
    birthDate: chance(0.7) ? null : day(random, Date.UTC(1950, 0, 1), 55),
    company: employer ?? null,
    otherEmployer: employer ? null : chance(0.5) ? pick(SMALL_EMPLOYERS) : null,
    isUnsubscribed: chance(0.04),
    isPartner: chance(0.1),
    score: Math.floor(random() * 120) - 10,
    crmKey: chance(0.3) ? null : `CRM-${String(index + 1).padStart(7, '0')}`,
    externalRef: `${String(index + 1).padStart(8, '0')}`,
    renewalDate: chance(0.6) ? null : day(random, now - YEAR_MS, 3),
    createdAt,
    updatedAt,
  };
}

/** A generator of its own for each person; the multiplier spreads neighbours far apart. */
function randomOf(seed: number, index: number): () => number {
  return seededRandom((Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)) >>> 0);
}

function emailOf(
  index: number,
  firstName: string | null,
  lastName: string,
  plan: DemoPlan,
  random: () => number,
): string | null {
  const original = originalOf(index);
  if (original !== null) {
    const twin = drawPerson(original, plan).email;
    return twin === null ? null : messy(twin, random);
  }
  const fate = random();
  if (fate < 0.02) return null;
  const name = [firstName, lastName].map((part) => (part === null ? '' : asciiOf(part))).filter((part) => part !== '');
  const local = `${name.length > 0 ? name.join('.') : 'person'}.${index + 1}`.slice(-60);
  const email = `${local}@${DOMAINS[index % DOMAINS.length]}`;
  if (fate < 0.03) return messy(email, random);
  return fate < 0.031 ? `o'${local}+news@${DOMAINS[index % DOMAINS.length]}` : email;
}

/** The same address in another spelling. */
function messy(email: string, random: () => number): string {
  const kind = Math.floor(random() * 3);
  if (kind === 0) return email.toUpperCase();
  return kind === 1 ? ` ${email}` : `${email.charAt(0).toUpperCase()}${email.slice(1)} `;
}

/** Names come from pools: each is spelled out once. */
const ASCII_NAMES = new Map<string, string>();

function asciiOf(name: string): string {
  const known = ASCII_NAMES.get(name);
  if (known !== undefined) return known;
  const ascii = name
    .replaceAll('ł', 'l')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase()
    .slice(0, 20);
  ASCII_NAMES.set(name, ascii);
  return ascii;
}

const longName = (name: string): string => Array.from({ length: 12 }, () => name).join('-');

function titleOf(title: string, random: () => number): string | null {
  const fate = random();
  if (fate < 0.08) return null;
  if (fate < 0.09) return `${title}, "acting" head of ${title}, ${title} (${title} & ${title}), ${title} for ${title}`;
  return fate < 0.1 ? `${title}, "interim"` : title;
}

function notesOf(sentences: readonly string[], random: () => number): string | null {
  const fate = random();
  const pick = (): string => sentences[Math.floor(random() * sentences.length)] ?? '';
  if (fate < 0.75) return null;
  if (fate < 0.85) return pick();
  if (fate < 0.95) return `${pick()}\n${pick()}${fate < 0.88 ? '\r\n' : '\n\n'}- ${pick()}`;
  return `${pick()} ${HOSTILE_TEXTS[Math.floor(random() * HOSTILE_TEXTS.length)] ?? ''}`;
}

function digits(random: () => number, count: number): string {
  return String(Math.floor(random() * 10 ** count)).padStart(count, '0');
}

function day(random: () => number, first: number, years: number): string {
  return new Date(first + Math.floor(random() * years * 365) * DAY_MS).toISOString().slice(0, 10);
}
