import type { z } from 'zod';
import type { InstanceCore, VendorInstance } from '../core';
import { apiUserSchema, createApiUsers } from './api-users';
import type { Route } from './call';
import { createCallLimits } from './call-limits';
import { createDispatcher } from './dispatcher';
import { exportRoutes } from './export-api';
import { createExportRunner } from './export-runner';
import { createExportStore } from './export-store';
import { createIdentity } from './identity';
import { createLeadExport } from './lead-export';
import { createLeadQueries } from './lead-queries';
import { leadRoutes } from './lead-routes';
import { createLeadWriter } from './lead-writer';
import { type ObjectApi, objectRoutes } from './object-api';
import { createPageTokens } from './page-token';
import { createPollWatch } from './poll-watch';
import { type MarketoStores, openMarketoStores } from './stores';
import { usageRoutes } from './usage-routes';

/** One Marketo instance: its address's handler, and the doors for tests and for who fills it. */
export interface MarketoInstance extends VendorInstance {
  readonly stores: MarketoStores;
  /** Adds a custom service that may sign in, with the permissions of its role. */
  addApiUser(user: z.input<typeof apiUserSchema>): void;
  expireTokens(): void;
}

const CREDENTIALS = { clientId: 'sandbox', clientSecret: 'sandbox' };

/** Marketo's behaviour over one instance's state. */
export function createMarketoInstance(core: InstanceCore): MarketoInstance {
  const stores = openMarketoStores(core);
  const { settings, fields, leads, companies, lists, partitions, activities, meta, now } = stores;
  const current = settings.current;
  const users = createApiUsers(core.database);
  if (users.all().length === 0) users.keep(apiUserSchema.parse(CREDENTIALS));
  const identity = createIdentity({ core, users, tokenLifeMs: () => current().tokenLifeMs });
  const limits = createCallLimits(core, current);
  const tokens = createPageTokens({ meta, now: core.clock.now, lifeMs: () => current().pageTokenLifeMs });
  const polls = createPollWatch(core, settings);
  const writer = createLeadWriter({
    core,
    settings: current,
    fields,
    leads,
    companies,
    activities,
    now,
    onCompanyChange: stores.forgetCompany,
  });
  const queries = createLeadQueries({
    fields,
    leads,
    tokens,
    settings: current,
    now: core.clock.now,
    onTooManyValues: (count) => core.countViolation('batchTooLarge', `${count} filter values`),
  });
  const leadExport = createLeadExport({ fields, leads, lists, settings: current, now: core.clock.now });
  const exportStore = createExportStore(core.database);
  const runner = createExportRunner({
    core,
    settings,
    store: exportStore,
    rowsOf: leadExport.rowsOf,
  });
  const objectContext = { core, settings: current, tokens, describedAt: describedAt(stores) };
  const companyApi: ObjectApi = {
    path: 'companies',
    store: companies,
    reads: 'Read-Only Company',
    writes: 'Read-Write Company',
    isCrmManaged: true,
    onChange: ({ id }) => {
      stores.forgetCompany(id);
      leads.touchCompany(id, now());
    },
    onDelete: ({ id }) => {
      stores.forgetCompany(id);
      leads.leaveCompany(id);
    },
  };
  const routes: Route[] = [
    ...leadRoutes({ core, settings: current, fields, leads, writer, queries, partitions }),
    ...objectRoutes(companyApi, objectContext),
    ...exportRoutes(leadExport.exportable, { core, settings, store: exportStore, runner, tokens, polls }),
    ...usageRoutes(limits),
  ];
  return {
    ...createDispatcher({ core, identity, limits, routes, latencyMs: () => current().latencyMs }),
    credentials: CREDENTIALS,
    stores,
    addApiUser: (user) => users.keep(apiUserSchema.parse(user)),
    expireTokens: () => identity.expireAll(),
    stop() {
      runner.stop();
    },
  };
}

function describedAt({ meta, now }: MarketoStores): number {
  const stored = meta.get('describedAt');
  if (stored !== undefined) return Number(stored);
  const at = now();
  meta.set('describedAt', String(at));
  return at;
}
