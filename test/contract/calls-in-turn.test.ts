import type { Connector } from '../../src/connectors/connector';
import type { ConnectorDeps } from '../../src/connectors/connector-deps';
import { createMarketoConnector } from '../../src/connectors/marketo/connector';
import { createRateLimit } from '../../src/connectors/rate-limit';
import { createSalesforceConnector } from '../../src/connectors/salesforce/connector';
import { marketoSettings, salesforceSettings } from '../../src/domain/connection';
import { type MarketoHost, type SalesforceHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { connectorDeps } from '../support/connector-deps';

const signal = new AbortController().signal;
/** So many calls wait for their turn when the first is answered. */
const CALLS = 6;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

function marketo(deps: ConnectorDeps): [Connector, MarketoHost] {
  const { url: baseUrl, credentials } = sandbox.marketo;
  return [createMarketoConnector(marketoSettings.parse({ baseUrl, ...credentials }), deps), sandbox.marketo];
}

function salesforce(deps: ConnectorDeps): [Connector, SalesforceHost] {
  const { url: loginUrl, credentials } = sandbox.salesforce;
  const { clientId, clientSecret } = credentials;
  const auth = { type: 'clientCredentials', clientId, clientSecret };
  return [createSalesforceConnector(salesforceSettings.parse({ loginUrl, auth }), deps), sandbox.salesforce];
}

test.each([
  { vendor: 'Marketo', make: marketo, path: '/rest/v1/leads/*', code: '607', status: 200, object: 'Lead' },
  {
    vendor: 'Salesforce',
    make: salesforce,
    path: '*/sobjects/*',
    code: 'REQUEST_LIMIT_EXCEEDED',
    status: 403,
    object: 'Contact',
  },
])(
  '$vendor: calls that wait for their turn are not made once the first finds the quota used up',
  async ({ make, path, code, status, object }) => {
    const rateLimit = createRateLimit({ calls: 1_000, windowMs: 1_000, atOnce: 1 });
    const [connector, host] = make({ ...connectorDeps(), rateLimit });
    const { id } = host.addFault({ match: { path }, count: 100, action: { type: 'vendorError', code, status } });

    const ends = await Promise.allSettled(Array.from({ length: CALLS }, () => connector.describe(object, signal)));

    const usedUp = { status: 'rejected', reason: expect.objectContaining({ code }) };
    expect(ends).toEqual(Array.from({ length: CALLS }, () => usedUp));
    expect(host.faults.list().find((fault) => fault.id === id)?.acted).toBe(1);
  },
);
