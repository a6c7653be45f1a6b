import type { InstanceCore } from '../core';
import {
  type FieldDeclarationInput,
  fieldDeclarationSchema,
  type ObjectDeclarationInput,
  objectDeclarationSchema,
} from './declarations';
import type { Field } from './field';
import { type ObjectSchema, OrgSchema } from './org-schema';
import { IdCodec, podOf, type RecordReference, referenceOf, sequenceOf } from './record-id';
import { RecordStore, type RecordTable } from './record-store';
import { type Settings, settingsChangeSchema, settingsSchema } from './settings';
import { defineSoqlFunctions } from './soql/sql-functions';
import { wholeSeconds } from './stored-values';

/** An object or field that the org has not is named in a declaration. */
export class DeclarationError extends Error {
  override name = 'DeclarationError';
}

type Declaration =
  | { kind: 'object'; object: ObjectDeclarationInput }
  | { kind: 'field'; objectName: string; field: FieldDeclarationInput }
  | { kind: 'change'; objectName: string; fieldName: string; changes: Partial<Field> }
  | { kind: 'recordTypes'; objectName: string };

/** The state of one org, and what everything that answers a request needs of it. */
export class Org {
  readonly schema = new OrgSchema();
  readonly ids: IdCodec;
  readonly store: RecordStore;
  /** Changed by `changeSettings` alone. */
  settings: Settings;
  /** Milliseconds since 1970 of the last change of objects or fields, for describe's 304. */
  schemaChangedAt: number;
  private readonly declarations: Declaration[];

  constructor(readonly core: InstanceCore) {
    this.ids = new IdCodec(podOf(core.name));
    core.database.exec(
      'create table if not exists sf_settings (key text primary key, value text not null) without rowid',
    );
    this.settings = settingsSchema.parse(this.read('settings') ?? {});
    defineSoqlFunctions(core.database);
    this.store = new RecordStore(core.database, this.schema);
    this.declarations = (this.read('declarations') ?? []) as Declaration[]; // written by `remember`
    for (const declaration of this.declarations) this.apply(declaration);
    this.schema.setAccess(this.settings.objectAccess);
    this.schemaChangedAt = (this.read('schemaChangedAt') as number | undefined) ?? wholeSeconds(core.clock.now());
    for (const object of this.schema.all()) this.store.table(object);
  }

  table(object: ObjectSchema): RecordTable {
    return this.store.table(object);
  }

  now(): number {
    return this.core.clock.now();
  }

  /** The time as records are stamped with it. */
  stamp(): number {
    return wholeSeconds(this.core.clock.now());
  }

  /** Runs in one transaction: all of it is kept, or, when it throws, nothing. */
  transaction<T>(action: () => T): T {
    return this.core.database.transaction(action)();
  }

  /** @throws ZodError */
  changeSettings(changes: unknown): Settings {
    const valid = settingsChangeSchema.parse(changes);
    this.settings = settingsSchema.parse({ ...this.settings, ...valid });
    this.write('settings', this.settings);
    if ('objectAccess' in valid) this.schemaHasChanged();
    return this.settings;
  }

  /** Adds a custom object, or fields to one. @throws ZodError */
  declareObject(object: ObjectDeclarationInput): ObjectSchema {
    objectDeclarationSchema.parse(object);
    this.remember({ kind: 'object', object });
    return this.schema.require(object.name);
  }

  /** Adds a custom field to any object, or replaces it. @throws ZodError, DeclarationError */
  declareField(objectName: string, field: FieldDeclarationInput): void {
    fieldDeclarationSchema.parse(field);
    this.requireObject(objectName);
    this.remember({ kind: 'field', objectName, field });
  }

  /** Changes attributes of any field, standard ones included: required, hidden, read-only, shorter. @throws DeclarationError */
  changeField(objectName: string, fieldName: string, changes: Partial<Field>): void {
    const object = this.requireObject(objectName);
    const isKnown = [...object.fields, ...object.stored].some(
      ({ name }) => name.toLowerCase() === fieldName.toLowerCase(),
    );
    if (!isKnown) throw new DeclarationError(`${objectName} has no field ${fieldName}`);
    this.remember({ kind: 'change', objectName, fieldName, changes });
  }

  /** Makes RecordTypeId visible: it is there only when an object has record types. */
  showRecordTypes(objectName: string): void {
    this.requireObject(objectName);
    this.remember({ kind: 'recordTypes', objectName });
  }

  reference(object: ObjectSchema, sequence: number): RecordReference {
    return referenceOf(object.keyPrefix, sequence);
  }

  /** The object and sequence number that a reference names. */
  locate(reference: RecordReference, object: ObjectSchema): { table: RecordTable; sequence: number } {
    return { table: this.table(object), sequence: sequenceOf(reference) };
  }

  /** Small things that have no table of their own. */
  read(key: string): unknown {
    const row = this.core.database.prepare('select value from sf_settings where key = ?').pluck().get(key);
    return row === undefined ? undefined : (JSON.parse(row as string) as unknown);
  }

  write(key: string, value: unknown): void {
    this.core.database
      .prepare('insert or replace into sf_settings (key, value) values (?, ?)')
      .run(key, JSON.stringify(value));
  }

  private requireObject(name: string): ObjectSchema {
    const object = this.schema.object(name);
    if (!object) throw new DeclarationError(`The org has no object ${name}`);
    return object;
  }

  private remember(declaration: Declaration): void {
    this.apply(declaration);
    this.declarations.push(declaration);
    this.write('declarations', this.declarations);
    this.schemaHasChanged();
    for (const object of this.schema.all()) if (object.name === nameIn(declaration)) this.store.refresh(object);
  }

  private schemaHasChanged(): void {
    this.schema.setAccess(this.settings.objectAccess);
    // HTTP's dates have whole seconds: of two changes in one, the second would look like the first
    this.schemaChangedAt = Math.max(this.stamp(), this.schemaChangedAt + 1_000);
    this.write('schemaChangedAt', this.schemaChangedAt);
  }

  private apply(declaration: Declaration): void {
    switch (declaration.kind) {
      case 'object':
        this.schema.declareObject(objectDeclarationSchema.parse(declaration.object));
        break;
      case 'field':
        this.schema.declareField(declaration.objectName, fieldDeclarationSchema.parse(declaration.field));
        break;
      case 'change':
        this.schema.object(declaration.objectName)?.change(declaration.fieldName, declaration.changes);
        break;
      case 'recordTypes':
        this.schema.object(declaration.objectName)?.change('RecordTypeId', { hidden: false });
        break;
    }
  }
}

function nameIn(declaration: Declaration): string {
  return declaration.kind === 'object' ? declaration.object.name : declaration.objectName;
}
