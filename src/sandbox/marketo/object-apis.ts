import { ApiError, RecordRefusal } from './api-error';
import type { Call } from './call';
import { invalidValue, showValue } from './field-values';
import type { ObjectApi, ObjectPath } from './object-api';
import type { ObjectRow, ObjectStore, ObjectValues } from './object-store';
import { NAMED_ACCOUNT, type ObjectType, OPPORTUNITY, OPPORTUNITY_ROLE, SALES_PERSON } from './object-types';
import type { MarketoStores } from './stores';

/** The objects of the lead database besides leads, with what is special about each. */
export interface ObjectApis {
  paths: readonly ObjectPath[];
  /** The custom object of that API name. @throws ApiError 1013 */
  custom(apiName: string): ObjectApi;
  customTypes(): ObjectType[];
}

const customKey = (apiName: string): string => `customobjects/${apiName}`;

export function createObjectApis(stores: MarketoStores): ObjectApis {
  const { objects, leads, now } = stores;
  const salesPersons = objects.open('salespersons', SALES_PERSON);
  const opportunities = objects.open('opportunities', OPPORTUNITY);
  const roles = objects.open('opportunities/roles', OPPORTUNITY_ROLE);
  const company = companyApi(stores);
  const opportunity: ObjectApi = {
    store: opportunities,
    isCrmManaged: true,
    check: (values) => checkOpportunity(values, salesPersons),
    onDelete: (row) => removeRoles(roles, row),
  };
  const role: ObjectApi = {
    store: roles,
    isCrmManaged: true,
    check({ externalOpportunityId, leadId }) {
      if (!opportunities.findByKeys([externalOpportunityId])) throw new RecordRefusal('1013', 'Opportunity not found');
      checkLead(stores, leadId);
    },
  };
  const salesPerson: ObjectApi = {
    store: salesPersons,
    isCrmManaged: true,
    checkDelete({ values }) {
      if (leads.findIds('externalSalesPersonId', [String(values.externalSalesPersonId)], 1).length > 0)
        throw new RecordRefusal('1022', 'Sales person is in use');
    },
  };
  const namedAccount: ObjectApi = { store: objects.open('namedaccounts', NAMED_ACCOUNT), isCrmManaged: false };

  let types = new Map<string, ObjectType>();
  const readTypes = (): void => {
    types = new Map(objects.customTypes().map((type) => [type.name, type]));
  };
  const custom = (apiName: string): ObjectApi => {
    if (!types.has(apiName)) readTypes();
    const type = types.get(apiName);
    if (!type) throw new ApiError('1013', `Custom object '${showValue(apiName)}' not found`);
    const [link] = type.relationships ?? [];
    return {
      store: objects.open(customKey(apiName), type),
      isCrmManaged: false,
      ...(link === undefined ? {} : { check: (values: ObjectValues) => checkLink(stores, values[link.field]) }),
    };
  };

  const path = (
    name: string,
    what: 'Company' | 'Opportunity' | 'Sales Person' | 'Named Account' | 'Custom Object',
    apiOf: (call: Call) => ObjectApi,
  ): ObjectPath => ({ path: name, reads: `Read-Only ${what}`, writes: `Read-Write ${what}`, apiOf });
  return {
    paths: [
      path('companies', 'Company', () => company),
      path('opportunities', 'Opportunity', () => opportunity),
      path('opportunities/roles', 'Opportunity', () => role),
      path('salespersons', 'Sales Person', () => salesPerson),
      path('namedaccounts', 'Named Account', () => namedAccount),
      path('customobjects/{apiName}', 'Custom Object', (call) => custom(call.path.apiName ?? '')),
    ],
    custom,
    customTypes: () => {
      readTypes();
      return [...types.values()];
    },
  };

  function companyApi({ companies, forgetCompany }: MarketoStores): ObjectApi {
    return {
      store: companies,
      isCrmManaged: true,
      onChange: ({ id }) => {
        forgetCompany(id);
        leads.touchCompany(id, now());
      },
      onDelete: ({ id }) => {
        forgetCompany(id);
        leads.leaveCompany(id);
      },
    };
  }
}

function checkOpportunity(values: ObjectValues, salesPersons: ObjectStore): void {
  if (values.name === undefined) throw invalidValue('name', null);
  const salesPersonId = values.externalSalesPersonId;
  if (salesPersonId !== undefined && !salesPersons.findByKeys([salesPersonId]))
    throw new RecordRefusal('718', 'ExternalSalesPersonID not found');
}

/** Without its opportunity a role is nothing. */
function removeRoles(roles: ObjectStore, { values }: ObjectRow): void {
  const key = values.externalOpportunityId;
  if (key === undefined) return;
  for (const role of roles.find('externalOpportunityId', [key], 0, Number.MAX_SAFE_INTEGER)) roles.remove(role);
}

function checkLead({ leads }: MarketoStores, leadId: unknown): void {
  if (typeof leadId !== 'number' || !leads.get(leadId)) throw new RecordRefusal('1004', 'Lead not found');
}

/** A custom object's record may stand without a lead, but must not name one that is not there. */
function checkLink(stores: MarketoStores, leadId: unknown): void {
  if (leadId !== undefined) checkLead(stores, leadId);
}
