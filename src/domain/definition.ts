import { z } from 'zod';

/** The columns, operators and nesting of a filter; the meaning of each operator is SOQL's. */
export const OPERATORS = [
  'equals',
  'notEquals',
  'in',
  'notIn',
  'isEmpty',
  'isNotEmpty',
  'contains',
  'notContains',
  'startsWith',
  'endsWith',
  'lessThan',
  'lessOrEqual',
  'greaterThan',
  'greaterOrEqual',
  'between',
  'inLast',
  'inNext',
  'includesAny',
  'includesAll',
] as const;
export type Operator = (typeof OPERATORS)[number];

export const TIME_UNITS = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];
export const amountOfTime = z.strictObject({ amount: z.int().min(1).max(100_000), unit: z.enum(TIME_UNITS) });
export type AmountOfTime = z.output<typeof amountOfTime>;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const condition = z.strictObject({
  column: z.string().min(1),
  operator: z.enum(OPERATORS),
  value: z.union([scalar, z.array(scalar).max(10_000), amountOfTime]).optional(),
});
export type Condition = z.output<typeof condition>;
export type Filter = Condition | { all: Filter[] } | { any: Filter[] } | { not: Filter };
export const filter: z.ZodType<Filter> = z.lazy(() =>
  z.union([
    condition,
    z.strictObject({ all: z.array(filter) }),
    z.strictObject({ any: z.array(filter) }),
    z.strictObject({ not: filter }),
  ]),
);

/** More of either nobody can read, and each record would have to go through it. */
const MOST_FILTER_LEVELS = 20;
const MOST_CONDITIONS = 1_000;

/** How deep groups are nested, and how many conditions they hold; goes no deeper by itself than the filter does. */
function sizeOf(given: Filter): { levels: number; conditions: number } {
  const parts = 'all' in given ? given.all : 'any' in given ? given.any : 'not' in given ? [given.not] : null;
  if (parts === null) return { levels: 0, conditions: 1 };
  const sizes = parts.map(sizeOf);
  return {
    levels: 1 + sizes.reduce((most, { levels }) => Math.max(most, levels), 0),
    conditions: sizes.reduce((sum, { conditions }) => sum + conditions, 0),
  };
}

const limitedFilter = filter.superRefine((given, context) => {
  const { levels, conditions } = sizeOf(given);
  const tell = (message: string) => context.addIssue({ code: 'custom', message });
  if (levels > MOST_FILTER_LEVELS)
    tell(`Groups of a filter can be nested ${MOST_FILTER_LEVELS} levels deep; here it is ${levels}.`);
  if (conditions > MOST_CONDITIONS)
    tell(`A filter can hold ${MOST_CONDITIONS} conditions; this one has ${conditions}.`);
});

/** Larger tables belong into the source: each page of a run would carry them along. */
const MOST_TABLE_ENTRIES = 10_000;
const valueTable = z.record(z.string(), scalar).superRefine((table, context) => {
  const { length } = Object.keys(table);
  if (length <= MOST_TABLE_ENTRIES) return;
  context.addIssue({
    code: 'custom',
    message: `A value table can have ${MOST_TABLE_ENTRIES} entries; this one has ${length}.`,
  });
});

export const DEDUPLICATE_RULES = [
  'importEverything',
  'ignoreDuplicates',
  'youngestByLastUpdate',
  'oldestByCreation',
] as const;
export type DeduplicateRule = (typeof DEDUPLICATE_RULES)[number];
export const IMPORT_RULES = ['create', 'update', 'createAndUpdate'] as const;
export type ImportRule = (typeof IMPORT_RULES)[number];
export const BLANK_POLICIES = ['keep', 'clear'] as const;
export type BlankPolicy = (typeof BLANK_POLICIES)[number];

export const mapping = z.strictObject({
  from: z.union([
    z.strictObject({ field: z.string().min(1) }),
    z.strictObject({ constant: scalar }),
    z.strictObject({ expression: z.string().min(1).max(4_000) }),
  ]),
  to: z.string().min(1),
  /** Value taken where the source is blank. */
  default: scalar.optional(),
  /** A value table: source value → destination value. */
  values: valueTable.optional(),
  /** What happens to values that the table lacks; `pass` when left out. */
  otherwise: z.enum(['pass', 'blank', 'fail']).optional(),
  lookup: z
    .strictObject({
      object: z.string().min(1),
      by: z.string().min(1),
      missing: z.enum(['fail', 'blank', 'skip']).default('fail'),
    })
    .optional(),
  blankValues: z.enum(BLANK_POLICIES).optional(),
});
export type Mapping = z.output<typeof mapping>;

/** A wall-clock time (`2026-12-01T09:00`), or an instant when it carries an offset or `Z`. Whether it exists is checked with the definition. */
const localTime = z.string().min(1).max(40);
export const schedule = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('now'), timeZone: z.string().optional() }),
  z.strictObject({ type: z.literal('once'), at: localTime, timeZone: z.string().optional() }),
  z.strictObject({
    type: z.literal('interval'),
    every: amountOfTime,
    start: localTime,
    end: localTime.optional(),
    timeZone: z.string().optional(),
  }),
]);
export type Schedule = z.output<typeof schedule>;

const endpoint = z.strictObject({ connectionId: z.uuid(), object: z.string().min(1) });

const definitionShape = {
  name: z.string().trim().min(1).max(200),
  description: z.string().max(10_000).default(''),
  source: endpoint,
  destination: endpoint,
  /** Left out: e-mail for people; other objects need it. */
  match: z.strictObject({ source: z.string().min(1), destination: z.string().min(1) }).optional(),
  deduplicate: z.enum(DEDUPLICATE_RULES).default('importEverything'),
  importRule: z.enum(IMPORT_RULES).default('createAndUpdate'),
  blankValues: z.enum(BLANK_POLICIES).default('keep'),
  mappings: z.array(mapping).min(1).max(1_000),
  filter: limitedFilter.optional(),
  records: z.enum(['all', 'changed']).default('all'),
  schedule: schedule,
  salesforce: z
    .strictObject({ assignmentRules: z.boolean().default(false), allowDuplicates: z.boolean().default(false) })
    .optional(),
  stopAfterFailures: z
    .strictObject({ percent: z.number().min(0).max(100), of: z.int().min(1).default(1_000) })
    .optional(),
  firstRun: z.strictObject({ records: z.int().min(1) }).optional(),
};

/** A complete definition: what activation demands. Unknown members are refused, so that a misspelt one is not silently ignored. */
export const definition = z.strictObject(definitionShape);
export type Definition = z.output<typeof definition>;

/** A stored definition as it is run: a draft can be previewed, and its preview applied, before it has a schedule. */
export const asRun = <Stored extends object>(stored: Stored) => ({ schedule: { type: 'now' as const }, ...stored });

/** A definition that is still being written: the name alone is required; what is there has the right shape. */
export const draftDefinition = z
  .strictObject(definitionShape)
  .partial()
  .required({ name: true })
  .extend({ mappings: z.array(mapping).max(1_000).optional() });
export type DraftDefinition = z.output<typeof draftDefinition>;

/** Something wrong with a definition: the path of the member (`mappings[2].to`) and what would be right. */
export interface DefinitionProblem {
  path: string;
  message: string;
}

/** More would make a message that nobody reads, and that Temporal's histories would carry. */
const MOST_TOLD = 5;

/**
 * A definition that does not fit its objects although it did when it was checked: a field has gone, or is hidden from the user.
 * The sync needs a person; trying again does not help.
 */
export class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition';
  readonly problems: readonly DefinitionProblem[];

  constructor(problems: readonly DefinitionProblem[]) {
    const told = problems.slice(0, MOST_TOLD).map(({ path, message }) => `${path}: ${message}`);
    const more = problems.length > MOST_TOLD ? [`And ${problems.length - MOST_TOLD} more.`] : [];
    const remedy = 'Mend the object and resume, or cancel, and change the sync.';
    super(['The sync no longer fits its objects.', ...told, ...more, remedy].join(' '));
    this.problems = problems;
  }
}
