/** The people that every peer moves: the same number by number, with what breaks careless readers and writers of CSV. */

/** A field under its names at both vendors. */
export interface Field {
  contact: string;
  lead: string;
}

/** The twelve fields that are written, in the order of a person's values. The first is the key. */
export const MAPPED: readonly Field[] = [
  { contact: 'Email', lead: 'email' },
  { contact: 'FirstName', lead: 'firstName' },
  { contact: 'LastName', lead: 'lastName' },
  { contact: 'Title', lead: 'title' },
  { contact: 'Phone', lead: 'phone' },
  { contact: 'MobilePhone', lead: 'mobilePhone' },
  { contact: 'Department', lead: 'department' },
  { contact: 'MailingStreet', lead: 'address' },
  { contact: 'MailingCity', lead: 'city' },
  { contact: 'MailingPostalCode', lead: 'postalCode' },
  { contact: 'MailingCountry', lead: 'country' },
  { contact: 'Description', lead: 'mktoPersonNotes' },
];
/** Seven more that a filter looks at, after those in a person's values. With the time of the last change twenty are read. */
export const FILTERED: readonly Field[] = [
  { contact: 'Salutation', lead: 'salutation' },
  { contact: 'Fax', lead: 'fax' },
  { contact: 'HomePhone', lead: 'rating' },
  { contact: 'AssistantName', lead: 'middleName' },
  { contact: 'MailingState', lead: 'state' },
  { contact: 'LeadSource', lead: 'leadSource' },
  { contact: 'Birthdate', lead: 'dateOfBirth' },
];
export const ALL_FIELDS: readonly Field[] = [...MAPPED, ...FILTERED];

const FIRST_NAMES = ['Ada', 'José María', 'Zoë', 'Łukasz', 'Anne-Marie', '美咲', 'Sinéad', 'Jo "Joey"'];
const LAST_NAMES = [
  "O'Hara",
  'Müller, Dr.',
  'Żółć',
  '株式会社',
  'de la Cruz',
  'van der Berg',
  'Nullmann',
  'Smith; Jones',
];
const TITLES = ['Head of Sales', 'VP, "Growth"', 'Ingénieure', 'C.T.O.', 'Sales & Marketing'];
const CITIES = ['Wien', 'São Paulo', 'Łódź', 'Zürich', "L'Aquila", 'St. Louis, MO'];
const NOTES = [
  'line one\n\nline three',
  'ends of lines\r\nas of Windows',
  'says "yes", twice',
  'comma, semicolon; tab\tend',
  'an astronaut \u{1F469}\u{1F3FD}\u200D\u{1F680} and a flag \u{1F1E6}\u{1F1F9}',
  'line\u2028separator',
  '=1+1',
  '0042',
  'null',
  'back\\slash and \\n that is none',
  'Plain text of some length, as most notes are: called on Monday, asked for a quote.',
];
const DAY_MS = 86_400_000;

const pick = (list: readonly string[], index: number): string => list[index % list.length] ?? '';
const digits = (value: number, length: number): string => String(value % 10 ** length).padStart(length, '0');

/** The values of a person, in the order of `ALL_FIELDS`; none is blank, and no vendor changes any. */
export function valuesOf(index: number): string[] {
  return [
    `person.${index}@example.com`,
    pick(FIRST_NAMES, index),
    pick(LAST_NAMES, index * 3 + (index >> 3)),
    pick(TITLES, index),
    `0043 1 ${digits(index, 7)}`,
    `+43 664 ${digits(index * 7, 7)}`,
    `Team ${index % 37}`,
    `${(index % 200) + 1} High Street${index % 5 === 0 ? '\nBack "yard", 2nd floor' : ''}`,
    pick(CITIES, index),
    digits(index, 5),
    index % 3 === 0 ? 'Austria' : 'Österreich',
    pick(NOTES, index),
    index % 2 === 0 ? 'Ms.' : 'Mr.',
    `0043 2 ${digits(index, 6)}`,
    `0043 3 ${digits(index, 6)}`,
    pick(FIRST_NAMES, index + 1),
    `State ${index % 50}`,
    'Web',
    new Date(DAY_MS * (index % 9_000)).toISOString().slice(0, 10),
  ];
}

/** A person under the names that one of the vendors has for its fields. */
export function recordOf(index: number, vendor: keyof Field, fields = ALL_FIELDS): Record<string, string> {
  const values = valuesOf(index);
  return Object.fromEntries(fields.map((field, position) => [field[vendor], values[position] ?? '']));
}

/** What became of the people: each that should be there is counted as right, wrong, missing or there more than once. */
export class Tally {
  wrong = 0;
  doubled = 0;
  /** By field, how many values are not the seed's. */
  readonly wrongFields = new Map<string, number>();
  /** The first value that is not the seed's. */
  example: string | undefined;
  #found = 0;
  readonly #seen: Uint8Array;

  /** @param losesNulls whether the text `null` may have become a blank: Marketo's files write a blank so */
  constructor(
    private readonly people: number,
    private readonly losesNulls = false,
  ) {
    this.#seen = new Uint8Array(people);
  }

  get missing(): number {
    return this.people - this.#found;
  }

  /** @param read gives a record's value of the field in this position; blank, null or absent is `''` */
  see(read: (field: Field) => unknown): void {
    const [key] = MAPPED;
    const match = key && /^person\.(\d+)@example\.com$/.exec(String(read(key) ?? ''));
    const index = Number(match?.[1] ?? -1);
    if (index < 0 || index >= this.people) {
      this.wrong += 1; // a record that nobody has
      return;
    }
    if (this.#seen[index]) {
      this.doubled += 1;
      return;
    }
    this.#seen[index] = 1;
    this.#found += 1;
    if (!this.#isRight(index, read)) this.wrong += 1;
  }

  #isRight(index: number, read: (field: Field) => unknown): boolean {
    const expected = valuesOf(index);
    let isRight = true;
    MAPPED.forEach((field, position) => {
      const value = String(read(field) ?? '');
      if (value === expected[position] || (this.losesNulls && value === '' && expected[position] === 'null')) return;
      isRight = false;
      this.wrongFields.set(field.contact, (this.wrongFields.get(field.contact) ?? 0) + 1);
      this.example ??= `${JSON.stringify(expected[position])} became ${JSON.stringify(value)}`;
    });
    return isRight;
  }
}
