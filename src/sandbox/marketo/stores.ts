import type { InstanceCore } from '../core';
import { type ActivityLog, createActivityLog } from './activity-log';
import { createLeadFields, type LeadFields } from './lead-fields';
import { type CompanyValues, createLeadStore, type LeadRecord, type LeadStore, type LeadValues } from './lead-store';
import { createObjectStores, type ObjectStore, type ObjectStores, type ObjectValues } from './object-store';
import { COMPANY } from './object-types';
import { createPartitions, type Partitions } from './partitions';
import { createSettingsStore, type SettingsStore } from './settings';
import { createStaticLists, type StaticLists } from './static-lists';
import { createMarketoTables, createMeta, type Meta } from './store-schema';

/** Everything that one Marketo instance keeps. */
export interface MarketoStores {
  meta: Meta;
  settings: SettingsStore;
  fields: LeadFields;
  leads: LeadStore;
  companies: ObjectStore;
  objects: ObjectStores;
  lists: StaticLists;
  partitions: Partitions;
  activities: ActivityLog;
  /** Must be called for each company that was changed or removed outside of its leads' records. */
  forgetCompany(companyId: number): void;
  /** The instant of changes, in whole seconds as everything in the lead database. */
  now(): number;
  /**
   * Loads records without checks, log and activities, within one transaction.
   * @param records values by REST name; `createdAt` and `updatedAt` as ISO 8601 or milliseconds
   * @returns how many were loaded
   */
  insertRecords(object: 'leads' | 'companies', records: Iterable<LeadRecord>): number;
}

/** Opens the stores over an instance's database, making the tables where they are missing. */
export function openMarketoStores(core: InstanceCore): MarketoStores {
  const { database, clock } = core;
  createMarketoTables(database);
  const now = (): number => Math.floor(clock.now() / 1000) * 1000;
  const meta = createMeta(database);
  const settings = createSettingsStore(database);
  const fields = createLeadFields(database, () => settings.current().crmSync);
  const objects = createObjectStores(database, now);
  const companies = objects.open('companies', COMPANY);
  const { values, forget } = rememberCompanies(companies);
  const leads = createLeadStore({ database, fields, companies: values, now });
  return {
    meta,
    settings,
    fields,
    leads,
    companies,
    objects,
    lists: createStaticLists(database, now),
    partitions: createPartitions(database),
    activities: createActivityLog(database, now),
    forgetCompany: forget,
    now,
    insertRecords: (object, records) =>
      object === 'leads' ? leads.insertRecords(records) : insertCompanies(core, companies, records),
  };
}

/** Companies that leads were read with lately, so that a file of a million leads does not read each company anew. */
const COMPANIES_REMEMBERED = 50_000;

function rememberCompanies(companies: ObjectStore): { values: CompanyValues; forget: (id: number) => void } {
  const remembered = new Map<number, LeadValues>();
  return {
    values: {
      valuesOf(companyId) {
        let values = remembered.get(companyId);
        if (!values) {
          values = companies.get(companyId)?.values ?? {};
          if (remembered.size >= COMPANIES_REMEMBERED) remembered.clear();
          remembered.set(companyId, values);
        }
        return values;
      },
      idByExternalId: (externalCompanyId) => companies.findByKeys([externalCompanyId])?.id,
    },
    forget: (companyId) => void remembered.delete(companyId),
  };
}

function insertCompanies({ database }: InstanceCore, companies: ObjectStore, records: Iterable<LeadRecord>): number {
  return database.transaction(() => {
    let inserted = 0;
    for (const { createdAt, updatedAt: _ignored, ...given } of records) {
      const values: ObjectValues = {};
      for (const [name, value] of Object.entries(given)) {
        if (!companies.field(name)) throw new RangeError(`Companies cannot take '${name}'`);
        if (value !== null && value !== undefined) values[name] = value as string | number | boolean;
      }
      companies.insert(values, typeof createdAt === 'number' ? createdAt : undefined);
      inserted += 1;
    }
    return inserted;
  })();
}
