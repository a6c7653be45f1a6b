import { z } from 'zod';
import { ControlRefusal } from './control-refusal';
import type { ObjectSchema } from './org-schema';
import { isRecordError, type RecordAccess } from './record-access';
import { keyPrefixOf, type RecordReference, sequenceOf, UNKNOWN_RECORD } from './record-id';
import { isIndexed, type RecordTable, type StoredRow } from './record-store';
import type { WriteSession } from './record-writer';
import type { SetupRecords } from './setup-records';
import type { StoredValue } from './stored-values';

/** A record that is there, not in the recycle bin. */
interface LivingRecord {
  object: ObjectSchema;
  table: RecordTable;
  reference: RecordReference;
  sequence: number;
  row: StoredRow;
}

export const conversionSchema = z.strictObject({
  /** Ids of records that are there already; absent: new ones are made of the lead. */
  accountId: z.string().optional(),
  contactId: z.string().optional(),
  /** Present: an opportunity of that name is made too. */
  opportunityName: z.string().min(1).optional(),
});
export type Conversion = z.output<typeof conversionSchema>;

export const mergeSchema = z.strictObject({
  /** Id of the record that stays. */
  masterId: z.string(),
  /** Ids of those that go; the vendor takes one or two. */
  loserIds: z.array(z.string()).min(1).max(2),
});
export type Merge = z.output<typeof mergeSchema>;

const CONVERTED_STATUS = 'Closed - Converted';
const OPPORTUNITY_DAYS = 90;
const DAY_MS = 86_400_000;
/** A merge changes so many children of one lookup at most in one look. */
const CHILDREN_AT_A_TIME = 10_000;

const CONTACT_FIELDS: Readonly<Record<string, string>> = {
  LastName: 'LastName',
  FirstName: 'FirstName',
  Salutation: 'Salutation',
  Title: 'Title',
  Email: 'Email',
  Phone: 'Phone',
  MobilePhone: 'MobilePhone',
  Fax: 'Fax',
  LeadSource: 'LeadSource',
  Description: 'Description',
  Street: 'MailingStreet',
  City: 'MailingCity',
  State: 'MailingState',
  PostalCode: 'MailingPostalCode',
  Country: 'MailingCountry',
  DoNotCall: 'DoNotCall',
  HasOptedOutOfEmail: 'HasOptedOutOfEmail',
};
const ACCOUNT_FIELDS: Readonly<Record<string, string>> = {
  Company: 'Name',
  Industry: 'Industry',
  Website: 'Website',
  AnnualRevenue: 'AnnualRevenue',
  NumberOfEmployees: 'NumberOfEmployees',
};

/** What people do with records in the user interface, and no call of the REST API does. */
export class ControlRecords {
  constructor(
    private readonly access: RecordAccess,
    private readonly setup: SetupRecords,
  ) {}

  /**
   * Makes a contact of a lead, with its account (help, "Convert Leads").
   * @returns the Ids
   * @throws ControlRefusal
   */
  convert(leadId: string, { accountId, contactId, opportunityName }: Conversion): Record<string, string | null> {
    const { org, writer } = this.access;
    return org.transaction(() => {
      const lead = this.living(leadId, 'Lead');
      const get = (name: string): StoredValue => lead.row[position(lead.object, name)] ?? null;
      if (get('IsConverted') === 1) throw new ControlRefusal(409, `The lead ${leadId} has been converted already`);
      const account = accountId
        ? this.living(accountId, 'Account').reference
        : this.make('Account', lead, ACCOUNT_FIELDS, {});
      const AccountId = org.ids.encode(account);
      const contact = contactId
        ? this.living(contactId, 'Contact').reference
        : this.make('Contact', lead, CONTACT_FIELDS, { AccountId });
      const closeDate = dateOf(org.now() + OPPORTUNITY_DAYS * DAY_MS);
      const opportunity =
        opportunityName === undefined
          ? null
          : this.make(
              'Opportunity',
              lead,
              {},
              { Name: opportunityName, AccountId, StageName: 'Prospecting', CloseDate: closeDate },
            );
      writer.setSystemFields(lead.object, lead.sequence, {
        IsConverted: 1,
        ConvertedDate: dateOf(org.now()),
        ConvertedAccountId: account,
        ConvertedContactId: contact,
        ConvertedOpportunityId: opportunity,
        Status: CONVERTED_STATUS,
        IsUnreadByOwner: 0,
        ...this.stamps(),
      });
      const ids = {
        accountId: AccountId,
        contactId: org.ids.encode(contact),
        opportunityId: opportunity === null ? null : org.ids.encode(opportunity),
      };
      this.log(lead, 'update', { IsConverted: false }, { IsConverted: true, ConvertedContactId: ids.contactId });
      return ids;
    });
  }

  /**
   * Merges records of one object: what hung on the losers hangs on the master, and the losers go into the recycle bin,
   * where they tell who the master is (SOAP API guide, "merge()").
   * @throws ControlRefusal
   */
  merge({ masterId, loserIds }: Merge): void {
    const { org, writer } = this.access;
    org.transaction(() => {
      const master = this.living(masterId);
      if (!master.object.definition.fields.some(({ name }) => name === 'MasterRecordId'))
        throw new ControlRefusal(409, `Records of ${master.object.name} cannot be merged`);
      for (const loserId of loserIds) {
        const loser = this.living(loserId, master.object.name);
        if (loser.reference === master.reference)
          throw new ControlRefusal(409, 'A record cannot be merged with itself');
        this.moveChildren(loser, master);
        loser.table.markDeleted(loser.sequence, org.now(), org.stamp());
        writer.setSystemFields(loser.object, loser.sequence, { MasterRecordId: master.reference });
        this.log(
          loser,
          'merge',
          { IsDeleted: false },
          { IsDeleted: true, MasterRecordId: org.ids.encode(master.reference) },
        );
      }
      writer.setSystemFields(master.object, master.sequence, this.stamps());
    });
  }

  /** Takes a record out of the recycle bin. @throws ControlRefusal */
  undelete(id: string): void {
    const reference = this.access.org.ids.parse(id) ?? UNKNOWN_RECORD;
    if (reference === UNKNOWN_RECORD || !this.access.removal.undelete(reference))
      throw new ControlRefusal(404, `There is no record ${id} in the recycle bin`);
  }

  /** Adds a record type to an object, and makes them visible there. @returns the Id */
  addRecordType(object: ObjectSchema, { name, developerName }: { name: string; developerName: string }): string {
    const { org } = this.access;
    return org.transaction(() => {
      const values = { Name: name, DeveloperName: developerName, SobjectType: object.name };
      const id = org.ids.encode(this.create('RecordType', values));
      org.showRecordTypes(object.name);
      return id;
    });
  }

  /** @param objectName of which it has to be; absent: of any. @throws ControlRefusal */
  living(id: string, objectName?: string): LivingRecord {
    const { org } = this.access;
    const reference = org.ids.parse(id) ?? UNKNOWN_RECORD;
    const object = reference === UNKNOWN_RECORD ? undefined : org.schema.byKeyPrefix(keyPrefixOf(reference));
    const sequence = sequenceOf(reference);
    const table = object && org.table(object);
    const row = table?.read(sequence);
    const isThere = row?.[object?.system('IsDeleted').position ?? -1] === 0;
    if (!object || !table || !row || !isThere || (objectName !== undefined && object.name !== objectName))
      throw new ControlRefusal(404, `There is no ${objectName ?? 'record'} ${id}`);
    return { object, table, reference, sequence, row };
  }

  /** A record of what a lead says. */
  private make(
    objectName: string,
    lead: LivingRecord,
    fields: Readonly<Record<string, string>>,
    more: Readonly<Record<string, unknown>>,
  ): RecordReference {
    const values: Record<string, unknown> = { ...more };
    for (const [from, to] of Object.entries(fields)) {
      const field = lead.object.field(from);
      const value = field && lead.row[field.position];
      if (value === null || value === undefined) continue;
      values[to] = field?.type === 'boolean' ? value === 1 : value;
    }
    return this.create(objectName, values);
  }

  private create(objectName: string, values: Readonly<Record<string, unknown>>): RecordReference {
    const object = this.access.org.schema.require(objectName);
    const input = this.access.read(object, values, [], '');
    const errors = isRecordError(input) ? [input] : undefined;
    const result = isRecordError(input) ? undefined : this.access.writer.create(object, input, this.session());
    if (result?.success) return result.reference;
    const reasons = (result?.errors ?? errors ?? []).map(({ statusCode, message }) => `${statusCode}: ${message}`);
    throw new ControlRefusal(409, `The ${objectName} cannot be made: ${reasons.join('; ')}`);
  }

  private moveChildren(loser: LivingRecord, master: LivingRecord): void {
    const { org } = this.access;
    for (const { child, field } of org.schema.childrenOf(loser.object.name)) {
      const childObject = org.schema.require(child);
      if (!isIndexed(childObject, field)) continue;
      const table = org.table(childObject);
      const stamped = [field, childObject.system('SystemModstamp')];
      for (;;) {
        const children = table.find(field, loser.reference, CHILDREN_AT_A_TIME);
        for (const sequence of children) {
          const isMaster = childObject === master.object && sequence === master.sequence;
          table.update(sequence, stamped, [isMaster ? null : master.reference, org.stamp()]);
        }
        if (children.length < CHILDREN_AT_A_TIME) break;
      }
    }
  }

  private stamps(): Record<string, StoredValue> {
    const stamp = this.access.org.stamp();
    return { LastModifiedDate: stamp, LastModifiedById: this.setup.userReference, SystemModstamp: stamp };
  }

  private session(): WriteSession {
    const { userReference: user, username: userName } = this.setup;
    return { user, userName, via: 'user interface', assignsByRule: false, savesAlerts: true };
  }

  private log(
    { object, reference }: LivingRecord,
    operation: 'update' | 'merge',
    before: Record<string, unknown>,
    after: Record<string, unknown>,
  ): void {
    const { org } = this.access;
    const { userName: by, via } = this.session();
    org.core.logWrite({ by, via, object: object.name, recordId: org.ids.encode(reference), operation, before, after });
  }
}

function position(object: ObjectSchema, name: string): number {
  return object.stored.find((field) => field.name === name)?.position ?? -1;
}

function dateOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
