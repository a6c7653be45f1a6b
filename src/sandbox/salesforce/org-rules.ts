import type { Statement } from 'better-sqlite3';
import { z } from 'zod';
import { type Field, isTextType } from './field';
import { DeclarationError, type Org } from './org';
import type { ObjectSchema } from './org-schema';
import { type RecordError, recordError } from './record-error';
import { type RecordReference, referenceOf, sequenceOf } from './record-id';
import { comparedColumn, isIndexed, quoted, type StoredRow, tableOf } from './record-store';
import { ConditionCompiler } from './soql/conditions';
import { parseSoql } from './soql/parser';
import { Scope } from './soql/scope';
import { fold } from './text-folding';

/** Days begin at a quarter of an hour, whatever the zone: `TODAY` in a rule means the same until then. */
const QUARTER_HOUR_MS = 900_000;

export const validationRuleSchema = z.strictObject({
  object: z.string(),
  name: z.string().min(1),
  /** A SOQL condition; a record for which it is true is refused. */
  when: z.string().min(1),
  message: z.string().min(1),
  /** Where the message is shown; absent: at the record as a whole. */
  field: z.string().optional(),
});

export const duplicateRuleSchema = z.strictObject({
  object: z.string(),
  name: z.string().min(1),
  /** `alert` can be overridden by the Sforce-Duplicate-Rule-Header, `block` cannot. */
  action: z.enum(['block', 'alert']),
  /** All of them equal to those of another record, none blank. */
  matchFields: z.array(z.string()).min(1),
  onUpdate: z.boolean().default(false),
  message: z.string().default('Use one of these records?'),
});

export const assignmentRuleSchema = z.strictObject({
  object: z.string(),
  name: z.string().min(1),
  /** Id of the user or queue that new records are given to. */
  ownerId: z.string(),
});

export const lockSchema = z
  .strictObject({
    /** Ids of the records that are locked. */
    ids: z.array(z.string()).optional(),
    /** Or all whose field has one of these values. */
    where: z.strictObject({ object: z.string(), field: z.string(), values: z.array(z.string()).min(1) }).optional(),
    /** Each record refuses so many times, then lets the write pass; absent: until the lock is removed. */
    times: z.number().int().min(1).optional(),
    untilAt: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(({ ids, where }) => (ids === undefined) !== (where === undefined), 'Give either ids or where');

export type ValidationRule = z.output<typeof validationRuleSchema>;
export type DuplicateRule = z.output<typeof duplicateRuleSchema>;
export type AssignmentRule = z.output<typeof assignmentRuleSchema>;
export type LockRule = z.output<typeof lockSchema>;

interface CompiledRule {
  rule: ValidationRule;
  statement: Statement<unknown[]>;
  parameters: unknown[];
}

interface KeptLock extends LockRule {
  id: number;
  /** How often each record has refused, by its Id or value. */
  refused: Record<string, number>;
}

/** What an administrator has built into the org, and locks that others hold. */
export class OrgRules {
  private validations: ValidationRule[];
  private duplicates: DuplicateRule[];
  private assignments: AssignmentRule[];
  private locks: KeptLock[];
  /** Validation rules ready to be asked, by object; emptied when rules, fields or the day change. */
  private compiled = new Map<string, CompiledRule[]>();
  /** Look-ups of duplicates, by their SQL. */
  private readonly lookups = new Map<string, Statement<unknown[]>>();
  private compiledAt = '';

  constructor(private readonly org: Org) {
    this.validations = (org.read('validationRules') ?? []) as ValidationRule[]; // written below
    this.duplicates = (org.read('duplicateRules') ?? []) as DuplicateRule[];
    this.assignments = (org.read('assignmentRules') ?? []) as AssignmentRule[];
    this.locks = (org.read('locks') ?? []) as KeptLock[];
  }

  /** @throws ZodError, ApiError when the condition is none */
  addValidationRule(input: z.input<typeof validationRuleSchema>): void {
    const rule = validationRuleSchema.parse(input);
    this.compile(this.org.schema.require(rule.object), rule);
    this.validations = [...this.validations.filter(({ name }) => name !== rule.name), rule];
    this.org.write('validationRules', this.validations);
    this.compiled.clear();
  }

  addDuplicateRule(input: z.input<typeof duplicateRuleSchema>): void {
    const rule = duplicateRuleSchema.parse(input);
    this.indexFor(rule);
    this.duplicates = [...this.duplicates.filter(({ name }) => name !== rule.name), rule];
    this.org.write('duplicateRules', this.duplicates);
  }

  addAssignmentRule(input: z.input<typeof assignmentRuleSchema>): void {
    this.assignments.push(assignmentRuleSchema.parse(input));
    this.org.write('assignmentRules', this.assignments);
  }

  addLock(input: z.input<typeof lockSchema>): number {
    const lock = lockSchema.parse(input);
    const id = this.locks.reduce((highest, one) => Math.max(highest, one.id), 0) + 1;
    this.locks.push({ ...lock, id, refused: {} });
    this.org.write('locks', this.locks);
    return id;
  }

  list() {
    return {
      validationRules: this.validations,
      duplicateRules: this.duplicates,
      assignmentRules: this.assignments,
      locks: this.locks,
    };
  }

  /** Forgets all rules and locks. */
  clear(): void {
    this.validations = [];
    this.duplicates = [];
    this.assignments = [];
    this.locks = [];
    this.compiled.clear();
    for (const key of ['validationRules', 'duplicateRules', 'assignmentRules', 'locks']) this.org.write(key, []);
  }

  clearLocks(): void {
    this.locks = [];
    this.org.write('locks', []);
  }

  /** Whether somebody else holds the record. @param row its values as they are */
  checkLock(object: ObjectSchema, reference: RecordReference, row: StoredRow): RecordError | undefined {
    if (this.locks.length === 0) return undefined;
    const id = this.org.ids.encode(reference);
    for (const lock of this.locks) {
      if (lock.untilAt !== undefined && this.org.now() >= Date.parse(lock.untilAt)) continue;
      if (!this.isHeldBy(lock, object, id, row)) continue;
      const times = lock.refused[id] ?? 0;
      if (lock.times !== undefined && times >= lock.times) continue;
      lock.refused[id] = times + 1;
      this.org.write('locks', this.locks);
      return lockedRow(id);
    }
    return undefined;
  }

  private isHeldBy({ ids, where }: KeptLock, object: ObjectSchema, id: string, row: StoredRow): boolean {
    if (ids) return ids.some((one) => one === id || one === id.slice(0, 15));
    if (!where || where.object.toLowerCase() !== object.name.toLowerCase()) return false;
    const field = object.storedField(where.field);
    const value = field && row[field.position];
    if (value === null || value === undefined || !field) return false;
    const text = field.type === 'reference' ? this.org.ids.encode(Number(value)) : String(value);
    return where.values.some((one) => fold(one) === fold(text));
  }

  /** Id of the owner that an active rule gives to a new record. */
  assignedOwner(object: ObjectSchema): string | undefined {
    return this.assignments.find((rule) => rule.object.toLowerCase() === object.name.toLowerCase())?.ownerId;
  }

  /** @param sequence of the record itself when it exists already */
  checkDuplicates(
    object: ObjectSchema,
    row: StoredRow,
    sequence: number | undefined,
    allowSave: boolean,
  ): RecordError | undefined {
    for (const rule of this.duplicates) {
      if (rule.object.toLowerCase() !== object.name.toLowerCase()) continue;
      if (sequence !== undefined && !rule.onUpdate) continue;
      if (rule.action === 'alert' && allowSave) continue;
      const matches = this.matchesOf(rule, object, row, sequence);
      if (matches.length === 0) continue;
      return {
        ...recordError('DUPLICATES_DETECTED', rule.message),
        duplicateResult: duplicateResult(rule, object, matches, this.org),
      };
    }
    return undefined;
  }

  private matchesOf(rule: DuplicateRule, object: ObjectSchema, row: StoredRow, own: number | undefined): number[] {
    const conditions: string[] = [];
    const parameters: unknown[] = [];
    for (const name of rule.matchFields) {
      const field = object.storedField(name);
      const value = field && row[field.position];
      if (!field || value === null || value === undefined) return [];
      conditions.push(typeof value === 'string' ? sameText(object, field) : `${quoted(field.name)} = ?`);
      parameters.push(typeof value === 'string' ? fold(value) : value);
    }
    const sql = `select seq from ${tableOf(object)} where ${conditions.join(' and ')} and "IsDeleted" = 0 and seq <> ? limit 10`;
    let lookup = this.lookups.get(sql);
    if (!lookup) {
      lookup = this.org.core.database.prepare(sql).pluck();
      this.lookups.set(sql, lookup);
    }
    return lookup.all(...parameters, own ?? -1) as number[];
  }

  /** Without an index each new record would be compared with all others. */
  private indexFor({ object: name, matchFields }: DuplicateRule): void {
    const object = this.org.schema.object(name);
    const fields = matchFields.flatMap((one) => object?.storedField(one) ?? []);
    const [first] = fields;
    if (!object || !first || fields.some((field) => isIndexed(object, field))) return;
    const column = isTextType(first.type) ? `fold(${quoted(first.name)})` : quoted(first.name);
    const index = quoted(`i_${object.name}_duplicates_${first.name}`);
    this.org.core.database.exec(`create index if not exists ${index} on ${tableOf(object)} (${column})`);
  }

  /** To be asked when the record has been written: the conditions are SOQL, and look at what is there. */
  checkValidation(object: ObjectSchema, sequence: number): RecordError[] {
    const errors: RecordError[] = [];
    for (const { rule, statement, parameters } of this.compiledFor(object)) {
      const isRefused = statement.get(...parameters, sequence) !== undefined;
      if (isRefused)
        errors.push(recordError('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, rule.field ? [rule.field] : []));
    }
    return errors;
  }

  private compiledFor(object: ObjectSchema): CompiledRule[] {
    const { schemaChangedAt, settings } = this.org;
    const compiledAt = `${schemaChangedAt} ${settings.timeZone} ${Math.floor(this.org.now() / QUARTER_HOUR_MS)}`;
    if (this.compiledAt !== compiledAt) this.compiled.clear();
    this.compiledAt = compiledAt;
    let rules = this.compiled.get(object.name);
    if (!rules) {
      rules = this.validations
        .filter((rule) => rule.object.toLowerCase() === object.name.toLowerCase())
        .map((rule) => this.compile(object, rule));
      this.compiled.set(object.name, rules);
    }
    return rules;
  }

  private compile(object: ObjectSchema, rule: ValidationRule): CompiledRule {
    const soql = `SELECT Id FROM ${object.name} WHERE ${rule.when}`;
    const query = parseSoql(soql);
    const scope = new Scope(soql, this.org.schema, query, object, 'system');
    const compiler = new ConditionCompiler(scope, {
      ids: this.org.ids,
      nowMs: this.org.now(),
      timeZone: this.org.settings.timeZone,
      includeDeleted: false,
      subselect: () => {
        throw new DeclarationError('A validation rule looks at its own record and its parents alone');
      },
    });
    const condition = query.where ? compiler.compile(query.where) : '0';
    const sql = `select 1 from ${scope.fromSql()} where (${condition}) and ${scope.alias}.seq = ?`;
    return { rule, statement: this.org.core.database.prepare(sql), parameters: compiler.parameters };
  }
}

/** A condition on a text, whatever its case, for which an index serves where there is one. */
function sameText(object: ObjectSchema, field: Field): string {
  if (!isIndexed(object, field) || field.caseSensitive) return `fold(${quoted(field.name)}) = ?`;
  return `${quoted(field.name)} is not null and ${quoted(comparedColumn(object, field))} = ?`;
}

export function lockedRow(id: string): RecordError {
  return recordError('UNABLE_TO_LOCK_ROW', `unable to obtain exclusive access to this record or 1 records: ${id}`);
}

/** The detail of plain REST (REST guide, "Duplicate Rule Header"). */
function duplicateResult(rule: DuplicateRule, object: ObjectSchema, matches: readonly number[], org: Org): unknown {
  return {
    allowSave: rule.action === 'alert',
    duplicateRule: rule.name,
    duplicateRuleEntityType: object.name,
    errorMessage: rule.message,
    matchResults: [
      {
        entityType: object.name,
        errors: [],
        matchEngine: 'ExactMatchEngine',
        matchRecords: matches.map((sequence) => ({
          additionalInformation: [],
          fieldDiffs: [],
          matchConfidence: 100,
          record: {
            attributes: { type: object.name },
            Id: org.ids.encode(referenceOf(object.keyPrefix, sequenceOf(sequence))),
          },
        })),
        rule: rule.name,
        size: matches.length,
        success: true,
      },
    ],
  };
}
