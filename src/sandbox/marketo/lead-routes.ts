import type { InstanceCore } from '../core';
import type { Route } from './call';
import { describeLeads, describeLeads2 } from './lead-descriptions';
import type { LeadFields } from './lead-fields';
import type { LeadQueries } from './lead-queries';
import { removeLeads } from './lead-removal';
import type { LeadStore } from './lead-store';
import { createLeadSync } from './lead-sync';
import type { LeadWriter } from './lead-writer';
import type { Partitions } from './partitions';
import type { MarketoSettings } from './settings';

export interface LeadRoutesOptions {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
  fields: LeadFields;
  leads: LeadStore;
  writer: LeadWriter;
  queries: LeadQueries;
  partitions: Partitions;
}

/** Describe, read, sync and delete of leads (Marketo guide, "Leads"). */
export function leadRoutes(options: LeadRoutesOptions): Route[] {
  const { fields, queries } = options;
  const reads = 'Read-Only Lead' as const;
  const writes = 'Read-Write Lead' as const;
  return [
    {
      method: 'GET',
      path: '/rest/v1/leads/describe.json',
      permission: reads,
      handle: () => ({ result: describeLeads(fields) }),
    },
    {
      method: 'GET',
      path: '/rest/v1/leads/describe2.json',
      permission: reads,
      handle: () => ({ result: describeLeads2(fields) }),
    },
    { method: 'GET', path: '/rest/v1/leads.json', permission: reads, handle: (call) => queries.byFilter(call) },
    { method: 'GET', path: '/rest/v1/lead/{leadId}.json', permission: reads, handle: (call) => queries.byId(call) },
    { method: 'POST', path: '/rest/v1/leads.json', permission: writes, handle: createLeadSync(options) },
    { method: 'DELETE', path: '/rest/v1/leads.json', permission: writes, handle: (call) => removeLeads(call, options) },
    {
      method: 'POST',
      path: '/rest/v1/leads/delete.json',
      permission: writes,
      handle: (call) => removeLeads(call, options),
    },
  ];
}
