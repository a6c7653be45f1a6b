const SALESFORCE_ID = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The path with Ids, numbers and locators replaced, so that calls of one kind are counted together. */
export function endpointName(method: string, url: string): string {
  const path = url.split('?', 1)[0] ?? '/';
  const segments = path.split('/').map((segment, index, all) => {
    if (/^\d+$/.test(segment) || UUID.test(segment) || (SALESFORCE_ID.test(segment) && /\d/.test(segment)))
      return '{id}';
    if (/^\d+\.json$/.test(segment)) return '{id}.json';
    if (all[index - 1] === 'query' && segment !== '') return '{locator}';
    // the value of an external Id, in …/sobjects/{object}/{field}/{value}
    if (all[index - 3] === 'sobjects' && segment !== '') return '{value}';
    return segment;
  });
  return `${method} ${segments.join('/')}`;
}
