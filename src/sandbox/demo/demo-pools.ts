import { base, de, en, es, Faker, fr, ja, type LocaleDefinition, pl, sv, tr } from '@faker-js/faker';

/** Where people come from, and how often. */
interface Region {
  country: string;
  weight: number;
  firstNames: string[];
  lastNames: string[];
  cities: { city: string; state: string | null; postalCode: string }[];
  streets: string[];
  phonePrefix: string;
}

/** Values made once, from which any number of people are drawn: a call of faker for each field would take minutes. */
export interface DemoPools {
  /** A region for each hundredth of the people. */
  regions: Region[];
  titles: string[];
  departments: string[];
  sentences: string[];
}

interface RegionPlan {
  country: string;
  locale: LocaleDefinition;
  weight: number;
  phonePrefix: string;
  hasState: boolean;
}

const PLANS: readonly RegionPlan[] = [
  { country: 'United States', locale: en, weight: 52, phonePrefix: '+1 555', hasState: true },
  { country: 'Germany', locale: de, weight: 14, phonePrefix: '+49 30', hasState: false },
  { country: 'France', locale: fr, weight: 9, phonePrefix: '+33 1', hasState: false },
  { country: 'Spain', locale: es, weight: 7, phonePrefix: '+34 91', hasState: false },
  { country: 'Poland', locale: pl, weight: 6, phonePrefix: '+48 22', hasState: false },
  { country: 'Sweden', locale: sv, weight: 4, phonePrefix: '+46 8', hasState: false },
  { country: 'Türkiye', locale: tr, weight: 4, phonePrefix: '+90 212', hasState: false },
  { country: 'Japan', locale: ja, weight: 4, phonePrefix: '+81 3', hasState: true },
];

const list = <T>(length: number, make: () => T): T[] => Array.from({ length }, make);

/** The same pools for the same seed. */
export function makeDemoPools(seed: number): DemoPools {
  const regions = PLANS.map(({ locale, hasState, ...plan }, index): Region => {
    const faker = new Faker({ locale: [locale, en, base], seed: seed * 100 + index });
    return {
      ...plan,
      firstNames: list(300, () => faker.person.firstName()),
      lastNames: list(600, () => faker.person.lastName()),
      cities: list(150, () => ({
        city: faker.location.city(),
        state: hasState ? faker.location.state() : null,
        postalCode: faker.location.zipCode(),
      })),
      streets: list(300, () => faker.location.streetAddress()),
    };
  });
  const faker = new Faker({ locale: [en, base], seed });
  return {
    regions: regions.flatMap((region) => Array<Region>(region.weight).fill(region)),
    titles: list(400, () => faker.person.jobTitle()),
    departments: [...new Set(list(60, () => faker.commerce.department()))],
    sentences: list(400, () => faker.lorem.sentence({ min: 4, max: 18 })),
  };
}
