import { DEDUPLICATE_RULES, IMPORT_RULES } from '../../../src/domain/definition';
import { seededRandom } from '../../../src/sandbox/seeded-random';

/** Records of each run without processes; `npm run torture` asks for more of them. */
const RECORDS = Number(process.env.TORTURE_RECORDS ?? 500);
/** Pages and jobs grow with the records, so that a run has about as many of them, and its time goes into the same steps. */
export const PAGES_GROW = RECORDS / 500;

interface Person {
  email: string | null;
  firstName: string;
  lastName: string;
  city: string | null;
}

/** What a run begins with: source, destination and definition, the same each time. */
export interface World {
  name: string;
  direction: 'toSalesforce' | 'toMarketo';
  deduplicate: (typeof DEDUPLICATE_RULES)[number];
  importRule: (typeof IMPORT_RULES)[number];
  source: Person[];
  destination: Person[];
}

/** Longer than Salesforce takes. */
const TOO_LONG = 'x'.repeat(300);

/** Every direction, duplicate rule and import rule. @param records of the source */
export const worldsOf = (records: number): World[] =>
  (['toSalesforce', 'toMarketo'] as const).flatMap((direction, first) =>
    DEDUPLICATE_RULES.flatMap((deduplicate, second) =>
      IMPORT_RULES.map((importRule, third) => ({
        name: `${direction}, ${deduplicate}, ${importRule}`,
        direction,
        deduplicate,
        importRule,
        ...people(records, 1 + third + 10 * (second + 10 * first)),
      })),
    ),
  );

export const WORLDS: readonly World[] = worldsOf(RECORDS);

/** Of a hundred records about 60 are new, 15 changed, 15 the same, 5 twice, 2 without an address, 2 refused, 1 ambiguous. */
function people(records: number, seed: number): Pick<World, 'source' | 'destination'> {
  const random = seededRandom(seed);
  const source: Person[] = [];
  const destination: Person[] = [];
  for (let index = 0; index < records; index += 1) {
    const email = `person${index}@example.com`;
    const person: Person = { email, firstName: `F${index}`, lastName: `L${index}`, city: 'Graz' };
    const kind = random() * 100;
    if (kind < 60) source.push(person);
    else if (kind < 75) {
      source.push(person);
      destination.push({ ...person, city: 'Linz' });
    } else if (kind < 90) {
      source.push(person);
      destination.push(person);
    } else if (kind < 95) {
      const twin = source[Math.floor(random() * source.length)];
      source.push({ ...person, email: twin?.email?.toUpperCase() ?? email });
    } else if (kind < 97) source.push({ ...person, email: null });
    else if (kind < 99) source.push({ ...person, lastName: TOO_LONG });
    else {
      source.push(person);
      destination.push({ ...person, city: 'Linz' }, { ...person, city: 'Wels' });
    }
  }
  return { source, destination };
}
