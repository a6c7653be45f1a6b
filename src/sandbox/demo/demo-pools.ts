import { faker as de } from '@faker-js/faker/locale/de';
import { faker as en } from '@faker-js/faker/locale/en';
import { faker as es } from '@faker-js/faker/locale/es';
import { faker as fr } from '@faker-js/faker/locale/fr';
import { faker as ja } from '@faker-js/faker/locale/ja';
import { faker as pl } from '@faker-js/faker/locale/pl';
import { faker as sv } from '@faker-js/faker/locale/sv';
import { faker as tr } from '@faker-js/faker/locale/tr';

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
  /** Of its language alone: all languages together take half a second to load. */
  faker: typeof en;
  weight: number;
  phonePrefix: string;
  hasState: boolean;
}

const PLANS: readonly RegionPlan[] = [
  { country: 'United States', faker: en, weight: 52, phonePrefix: '+1 555', hasState: true },
  { country: 'Germany', faker: de, weight: 14, phonePrefix: '+49 30', hasState: false },
  { country: 'France', faker: fr, weight: 9, phonePrefix: '+33 1', hasState: false },
  { country: 'Spain', faker: es, weight: 7, phonePrefix: '+34 91', hasState: false },
  { country: 'Poland', faker: pl, weight: 6, phonePrefix: '+48 22', hasState: false },
  { country: 'Sweden', faker: sv, weight: 4, phonePrefix: '+46 8', hasState: false },
  { country: 'Türkiye', faker: tr, weight: 4, phonePrefix: '+90 212', hasState: false },
  { country: 'Japan', faker: ja, weight: 4, phonePrefix: '+81 3', hasState: true },
];

const list = <T>(length: number, make: () => T): T[] => Array.from({ length }, make);

/** The same pools for the same seed. */
export function makeDemoPools(seed: number): DemoPools {
  const regions = PLANS.map(({ faker, hasState, ...plan }, index): Region => {
    faker.seed(seed * 100 + index);
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
  en.seed(seed);
  return {
    regions: regions.flatMap((region) => Array<Region>(region.weight).fill(region)),
    titles: list(400, () => en.person.jobTitle()),
    departments: [...new Set(list(60, () => en.commerce.department()))],
    sentences: list(400, () => en.lorem.sentence({ min: 4, max: 18 })),
  };
}
