import type { ApiError } from '../api-error';
import type { Field } from '../field';
import type { ObjectSchema, OrgSchema } from '../org-schema';
import { firstReference } from '../record-id';
import { comparedColumn, isIndexed, quoted, tableOf } from '../record-store';
import { malformed, noSuchColumn, noSuchObject, noSuchRelationship } from './soql-error';
import type { FieldPath, Query } from './syntax';

/** SOQL guide, "Understanding Relationship Query Limitations". */
const MAX_LEVELS = 5;
const MAX_PARENTS = 55;

/** Fields that can be read through a lookup to several objects: those of the object *Name*. */
const NAME_FIELDS = new Set([
  'id',
  'name',
  'firstname',
  'lastname',
  'email',
  'type',
  'phone',
  'title',
  'username',
  'alias',
  'isactive',
  'profileid',
  'userroleid',
]);

/** A field as a query uses it: how SQL reads it, and what it is. */
export interface ResolvedField {
  field: Field;
  object: ObjectSchema;
  /** Relationship names and field name in the spelling of describe. */
  names: string[];
  /** SQL of the stored value; of an Id it is the sequence number, to which `idBase` is added for the reference. */
  sql: string;
  /** SQL of the text as it is compared, where a column holds it; absent for text without such a column. */
  comparedSql: string | undefined;
  /** For Ids: the number to add. */
  idBase: number;
  /** For fields of parents: SQL that is null when there is no parent. */
  parentSql: string | undefined;
}

interface Join {
  alias: string;
  object: ObjectSchema;
}

/** A place in the query's tree of parents: the object itself, or one or (polymorphic) several alternatives. */
interface Place {
  joins: readonly Join[];
  names: readonly string[];
  /** The reference field that leads here; absent for the query's own object. */
  via: Field | undefined;
}

let scopes = 0;

/** The tables of one query: its own object and the parents that it mentions. */
export class Scope {
  readonly object: ObjectSchema;
  readonly alias: string;
  private readonly places = new Map<string, Place>();
  private readonly joinSql: string[] = [];

  /**
   * @param object of the query, where it is known already
   * @param view `system` sees what is hidden from the API user
   * @throws ApiError INVALID_TYPE
   */
  constructor(
    readonly soql: string,
    readonly schema: OrgSchema,
    readonly query: Query,
    object?: ObjectSchema,
    private readonly view: 'user' | 'system' = 'user',
  ) {
    const found = object ?? schema.object(query.from.name);
    if (!found || (view === 'user' && !found.can('query'))) throw noSuchObject(soql, query.from.at, query.from.name);
    this.object = found;
    scopes = (scopes + 1) % 1_000_000;
    this.alias = `t${scopes}`;
    this.places.set('', { joins: [{ alias: this.alias, object: found }], names: [], via: undefined });
  }

  /** `"r_Contact" t1 left join …`; complete once everything has been resolved. */
  fromSql(): string {
    return [`${tableOf(this.object)} ${this.alias}`, ...this.joinSql].join(' ');
  }

  /** @throws ApiError INVALID_FIELD */
  resolve(path: FieldPath): ResolvedField {
    const parts = this.withoutAlias(path.parts);
    const name = parts[parts.length - 1] ?? '';
    const place = this.placeOf(parts.slice(0, -1), path.at);
    return this.fieldAt(place, name, path.at);
  }

  /**
   * SQL of the reference to a parent that exists, null where there is none.
   * @param names relationship names from the query's object upwards
   */
  parentReferenceSql(names: readonly string[]): string {
    const place = this.places.get(names.join('.').toLowerCase());
    const sql = (place?.joins ?? []).map(({ alias, object }) => `${alias}.seq + ${firstReference(object.keyPrefix)}`);
    return sql.length > 1 ? `coalesce(${sql.join(', ')})` : (sql[0] ?? 'null');
  }

  /** A field of one of the objects that a relationship may lead to, for TYPEOF. */
  resolveOn(relationship: FieldPath, type: { name: string; at: number }, path: FieldPath): ResolvedField {
    const place = this.placeOf(this.withoutAlias(relationship.parts), relationship.at);
    const join = place.joins.find(({ object }) => object.name.toLowerCase() === type.name.toLowerCase());
    if (!join) throw noSuchObject(this.soql, type.at, type.name);
    const name = path.parts.join('.');
    const field = join.object.field(name);
    if (!field) throw this.noSuchColumn(path.at, name, join.object.name);
    return plainField(join, field, place);
  }

  noSuchColumn(at: number, column: string, entity = this.object.name): ApiError {
    return noSuchColumn(this.soql, at, column, entity);
  }

  /** `c.Name` and `Contact.Name` mean the query's own object. */
  private withoutAlias(parts: readonly string[]): readonly string[] {
    const [first = ''] = parts;
    if (parts.length < 2) return parts;
    const lower = first.toLowerCase();
    const isAlias = lower === this.query.from.alias?.toLowerCase();
    const isOwnName = lower === this.object.name.toLowerCase() && this.object.relationship(first) === undefined;
    return isAlias || isOwnName ? parts.slice(1) : parts;
  }

  private placeOf(relationships: readonly string[], at: number): Place {
    if (relationships.length > MAX_LEVELS)
      throw malformed(`A relationship path may go up ${MAX_LEVELS} levels at most: ${relationships.join('.')}`);
    const key = relationships.join('.').toLowerCase();
    const known = this.places.get(key);
    if (known) return known;
    if (this.places.size > MAX_PARENTS)
      throw malformed(`A query may use ${MAX_PARENTS} relationships to parents at most`);
    const parent = this.placeOf(relationships.slice(0, -1), at);
    const name = relationships[relationships.length - 1] ?? '';
    const [only] = parent.joins;
    const via = parent.joins.length === 1 ? only?.object.relationship(name) : undefined;
    if (!via || !only) throw noSuchRelationship(this.soql, at, name);
    const joins = this.join(only, via);
    if (joins.length === 0) throw noSuchRelationship(this.soql, at, name);
    const place: Place = { joins, names: [...parent.names, via.relationshipName ?? name], via };
    this.places.set(key, place);
    return place;
  }

  private join(from: Join, via: Field): Join[] {
    const joins: Join[] = [];
    for (const target of via.referenceTo) {
      const object = this.schema.object(target);
      if (!object) continue;
      const alias = `${this.alias}_${this.joinSql.length}`;
      // the sequence number is the table's own key: no index is needed, and other objects' references fall outside
      const sequence = `${from.alias}.${quoted(via.name)} - ${firstReference(object.keyPrefix)}`;
      this.joinSql.push(`left join ${tableOf(object)} ${alias} on ${alias}.seq = ${sequence}`);
      joins.push({ alias, object });
    }
    return joins;
  }

  private fieldAt(place: Place, name: string, at: number): ResolvedField {
    const [only] = place.joins;
    if (only && place.joins.length === 1) {
      const field = only.object.field(name) ?? (this.view === 'system' ? only.object.storedField(name) : undefined);
      if (!field) throw this.noSuchColumn(at, name, only.object.name);
      return plainField(only, field, place);
    }
    if (!NAME_FIELDS.has(name.toLowerCase())) throw this.noSuchColumn(at, name, 'Name');
    return polymorphicField(place, name);
  }
}

function plainField({ alias, object }: Join, field: Field, place: Place): ResolvedField {
  const isId = field.type === 'id';
  const sql = isId ? `${alias}.seq` : `${alias}.${quoted(field.name)}`;
  const hasComparedColumn = field.type === 'email' || isIndexed(object, field);
  return {
    field,
    object,
    names: [...place.names, field.name],
    sql,
    comparedSql: hasComparedColumn ? `${alias}.${quoted(comparedColumn(object, field))}` : undefined,
    idBase: isId ? firstReference(object.keyPrefix) : 0,
    parentSql: place.via ? `${alias}.seq` : undefined,
  };
}

/** What a parent of several possible objects has in common: whichever there is. */
function polymorphicField(place: Place, name: string): ResolvedField {
  const having = place.joins.flatMap(({ alias, object }) => {
    const field = object.field(name);
    return field ? [{ alias, object, field }] : [];
  });
  const anyOf = (sql: readonly string[]): string =>
    sql.length > 1 ? `coalesce(${sql.join(', ')})` : (sql[0] ?? 'null');
  const parentSql = anyOf(place.joins.map(({ alias }) => `${alias}.seq`));
  const [first] = having;
  if (name.toLowerCase() === 'type' || !first) {
    const cases = place.joins.map(({ alias, object }) => `when ${alias}.seq is not null then '${object.name}'`);
    const object = place.joins[0]?.object as ObjectSchema; // a place without joins is never made
    const field = { ...(object.field('Name') ?? (object.fields[0] as Field)), name: 'Type', label: 'Type' };
    return {
      field,
      object,
      names: [...place.names, 'Type'],
      sql: `case ${cases.join(' ')} end`,
      comparedSql: undefined,
      idBase: 0,
      parentSql,
    };
  }
  const isId = first.field.type === 'id';
  const sql = isId
    ? anyOf(having.map(({ alias, object }) => `${alias}.seq + ${firstReference(object.keyPrefix)}`))
    : anyOf(having.map(({ alias, field }) => `${alias}.${quoted(field.name)}`));
  // an Id that is read as a reference needs nothing added
  const field: Field = isId ? { ...first.field, type: 'reference' } : first.field;
  return {
    field,
    object: first.object,
    names: [...place.names, first.field.name],
    sql,
    comparedSql: undefined,
    idBase: 0,
    parentSql,
  };
}
