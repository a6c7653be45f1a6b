import type { z } from 'zod';
import type { InstanceCore, VendorInstance } from '../core';
import { createActivityReader } from './activity-reader';
import { activityRoutes } from './activity-routes';
import { createActivityTypes } from './activity-types';
import { apiUserSchema, createApiUsers } from './api-users';
import { assetRoutes } from './asset-routes';
import type { Route } from './call';
import { createCallLimits } from './call-limits';
import { createControlRouter } from './control-router';
import { customObjectRoutes } from './custom-object-routes';
import { createDispatcher } from './dispatcher';
import { fieldSchemaRoutes } from './field-schema-routes';
import { createIdentity } from './identity';
import { createJobs } from './jobs';
import { moreLeadRoutes } from './lead-more-routes';
import { createLeadQueries } from './lead-queries';
import { leadRoutes } from './lead-routes';
import { createLeadWriter } from './lead-writer';
import { listRoutes } from './list-routes';
import { objectRoutes } from './object-api';
import { createObjectApis } from './object-apis';
import { COMPANY, NAMED_ACCOUNT, OPPORTUNITY } from './object-types';
import { createPageTokens } from './page-token';
import { createProgramMembers } from './program-members';
import { programRoutes } from './program-routes';
import { createProgramStore, PROGRAM_MEMBER, type ProgramStore } from './program-store';
import { type MarketoStores, openMarketoStores } from './stores';
import { usageRoutes } from './usage-routes';

/** One Marketo instance: its address's handlers, and the doors for tests and for who fills it. */
export interface MarketoInstance extends VendorInstance {
  readonly stores: MarketoStores;
  readonly programs: ProgramStore;
  /** Adds a custom service that may sign in, with the permissions of its role. */
  addApiUser(user: z.input<typeof apiUserSchema>): void;
  expireTokens(): void;
}

const CREDENTIALS = { clientId: 'sandbox', clientSecret: 'sandbox' };

/** Marketo's behaviour over one instance's state. */
export function createMarketoInstance(core: InstanceCore): MarketoInstance {
  const stores = openMarketoStores(core);
  const { fields, leads, companies, lists, partitions, activities, meta, now } = stores;
  const settings = stores.settings.current;
  const users = createApiUsers(core.database);
  if (users.all().length === 0) users.keep(apiUserSchema.parse(CREDENTIALS));
  const identity = createIdentity({ core, users, settings });
  const limits = createCallLimits(core, settings);
  const tokens = createPageTokens({ meta, now: core.clock.now, lifeMs: () => settings().pageTokenLifeMs });
  const types = createActivityTypes(meta);
  const programs = createProgramStore(core.database, now);
  const apis = createObjectApis(stores);
  const onCompanyChange = stores.forgetCompany;
  const writer = createLeadWriter({ core, settings, fields, leads, companies, activities, now, onCompanyChange });
  const queries = createLeadQueries({
    fields,
    leads,
    tokens,
    settings,
    now: core.clock.now,
    onTooManyValues: (count) => core.countViolation('batchTooLarge', `${count} filter values`),
  });
  const members = createProgramMembers({ core, settings, leads, programs, activities, now });
  const reader = createActivityReader({ log: activities, fields, settings, now: core.clock.now });
  const jobs = createJobs({ core, stores, writer, apis, reader, members, programs, tokens });
  const describedAt = describedOn(stores);
  const routes: Route[] = [
    ...leadRoutes({ core, settings, fields, leads, writer, queries, partitions }),
    ...moreLeadRoutes({ core, settings, fields, leads, writer, partitions, lists, activities, programs }),
    ...listRoutes({ core, settings, leads, lists, queries, activities, tokens }),
    ...assetRoutes(lists, programs),
    ...activityRoutes({ core, settings, fields, leads, lists, log: activities, reader, types }),
    ...customObjectRoutes(apis, describedAt),
    ...apis.paths.flatMap((path) => objectRoutes(path, { core, settings, tokens, describedAt })),
    ...programRoutes({ members, programs, queries, tokens, settings, describedAt }),
    ...fieldSchemaRoutes({ fields, tokens, others: OTHER_FIELDS }),
    ...jobs.routes,
    ...usageRoutes(limits),
  ];
  return {
    ...createDispatcher({ core, identity, limits, routes, latencyMs: () => settings().latencyMs }),
    controlRouter: createControlRouter({ stores, users, types, programs, apis }),
    credentials: CREDENTIALS,
    stores,
    programs,
    addApiUser: (user) => users.keep(apiUserSchema.parse(user)),
    expireTokens: () => identity.expireAll(),
    stop: () => jobs.stop(),
  };
}

const OTHER_FIELDS = {
  companies: COMPANY.fields,
  opportunities: OPPORTUNITY.fields,
  namedaccounts: NAMED_ACCOUNT.fields,
  'programs/members': PROGRAM_MEMBER.fields,
};

/** When the objects were set up, which their descriptions tell. */
function describedOn({ meta, now }: MarketoStores): number {
  const stored = meta.get('describedAt');
  if (stored !== undefined) return Number(stored);
  const at = now();
  meta.set('describedAt', String(at));
  return at;
}
