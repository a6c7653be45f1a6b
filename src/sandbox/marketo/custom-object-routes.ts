import { ApiError } from './api-error';
import { type Call, listOf, type Route } from './call';
import { describeType } from './object-api';
import type { ObjectApis } from './object-apis';

/** The list of custom objects, and the administration of their types, which this subscription does not include. */
export function customObjectRoutes(apis: ObjectApis, describedAt: number): Route[] {
  const refuse = (): never => {
    throw new ApiError('616', 'Invalid subscription type');
  };
  const schema = (method: 'GET' | 'POST', path: string): Route => ({
    method,
    path: `/rest/v1/customobjects/schema${path}`,
    permission: 'Read-Write Custom Object Type',
    handle: refuse,
  });
  return [
    {
      method: 'GET',
      path: '/rest/v1/customobjects.json',
      permission: 'Read-Only Custom Object',
      handle({ parameters }: Call) {
        const names = listOf(parameters, 'names');
        const types = apis.customTypes().filter(({ name }) => names.length === 0 || names.includes(name));
        return { result: types.map((type) => describeType(type, describedAt)) };
      },
    },
    schema('GET', '.json'),
    schema('POST', '.json'),
    schema('GET', '/{apiName}/describe.json'),
    schema('POST', '/{apiName}/addField.json'),
    schema('POST', '/{apiName}/updateField.json'),
    schema('POST', '/{apiName}/deleteField.json'),
    schema('POST', '/{apiName}/approve.json'),
    schema('POST', '/{apiName}/discardDraft.json'),
    schema('POST', '/{apiName}/delete.json'),
  ];
}
