import type { BrowserContext, Page } from 'playwright-core';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { openBrowser } from './browser';
import { RunningApi, settingsOf } from './running-api';
import { RunningSync } from './running-sync';
import { fromSetUp, SERVICE_VARIABLES } from './service-variables';

/** Names of the connections, as `npm start` gives them. */
export const DEMO_MARKETO = 'Demo Marketo';
export const DEMO_SALESFORCE = 'Demo Salesforce';

/**
 * Everything that a person meets who opens the web UI: both vendors with demo data and a connection to each, a worker, the API with the UI that
 * was built for this run, and a browser. One of it serves all tests of a file.
 */
export class WebUiStack {
  private constructor(
    readonly sandbox: Sandbox,
    readonly sync: RunningSync,
    readonly api: RunningApi,
    readonly context: BrowserContext,
    readonly connectionIds: { marketo: string; salesforce: string },
    private readonly closeBrowser: () => Promise<void>,
    private readonly forgetComplaints: () => string[],
  ) {}

  /** @param given.people size of the demo data */
  static async start(given: { people: number }): Promise<WebUiStack> {
    const sandbox = await startSandbox({ people: given.people });
    const allowedHosts = [sandbox.marketo, sandbox.salesforce].map(({ url }) => new URL(url).host);
    const sync = await RunningSync.start(allowedHosts);
    const webFolder = fromSetUp(SERVICE_VARIABLES.webUi);
    const api = await RunningApi.start({ engine: sync.engine, allowedHosts, shared: sync, webFolder });
    const connectionIds = await connect(api, sandbox);
    const browser = await openBrowser();
    const complaints: string[] = [];
    browser.context.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
    });
    browser.context.on('weberror', (error) => complaints.push(error.error().message));
    return new WebUiStack(sandbox, sync, api, browser.context, connectionIds, browser.close, () =>
      complaints.splice(0),
    );
  }

  async stop(): Promise<void> {
    await this.closeBrowser();
    await this.api.stop();
    await this.sync.stop();
    await this.sandbox.stop();
  }

  /** What the browser has complained about since the last time: breaches of the page's policy, errors of its program. Should be nothing. */
  complaints(): string[] {
    return this.forgetComplaints();
  }

  /** Opens a page of the UI, signed in by a one-time link where nobody is yet. */
  async open(path = '/', page?: Page): Promise<Page> {
    const shown = page ?? (await this.context.newPage());
    const cookies = await this.context.cookies(this.api.url);
    if (cookies.length === 0) await shown.goto(await this.signInLink());
    await shown.goto(`${this.api.url}${path}`);
    return shown;
  }

  /** A link that signs a browser in, once. */
  async signInLink(): Promise<string> {
    const { body } = await this.api.call('POST', '/session/links');
    return String(body.url);
  }

  /** Saves a sync of people to contacts, from one demo connection to the other. @returns its id */
  async savedSync(more: Record<string, unknown> = {}): Promise<string> {
    const reply = await this.api.call('POST', '/syncs', {
      name: 'People to contacts',
      source: { connectionId: this.connectionIds.marketo, object: 'Lead' },
      destination: { connectionId: this.connectionIds.salesforce, object: 'Contact' },
      mappings: [
        { from: { field: 'email' }, to: 'Email' },
        { from: { field: 'lastName' }, to: 'LastName' },
      ],
      schedule: { type: 'now' },
      ...more,
    });
    expect(reply.status).toBe(201);
    return String(reply.body.id);
  }

  /** The same, activated. */
  async activatedSync(more: Record<string, unknown> = {}): Promise<string> {
    const syncId = await this.savedSync(more);
    expect(await this.api.call('POST', `/syncs/${syncId}/activate`)).toMatchObject({ status: 202 });
    return syncId;
  }

  /** A filter that selects a few people by their keys, which takes no export. */
  async fewPeople(): Promise<{ column: string; operator: string; value: string[] }> {
    const { body } = await this.api.call('POST', '/examples', {
      connectionId: this.connectionIds.marketo,
      object: 'Lead',
    });
    const examples = body.items as unknown as { values: { email: string | null } }[];
    return { column: 'email', operator: 'in', value: examples.flatMap(({ values: { email } }) => email ?? []) };
  }

  /** Looks until the last execution of a sync is in a state; the test's own time limit ends it. */
  async untilLastExecution(syncId: string, state: string): Promise<void> {
    await this.api.until(syncId, ({ lastExecution }) => ((lastExecution ?? {}) as { state?: string }).state === state);
  }

  /**
   * A network on which the next answers to such calls get lost, although the server has done what was asked.
   * @param times how many of them; all where it is left out
   * @returns lets answers come from now on
   */
  async losesAnswers(page: Page, path: string, method: string, times = Number.POSITIVE_INFINITY): Promise<() => void> {
    let left = times;
    await page.route(`**/api/v1${path}`, async (route) => {
      if (left === 0 || route.request().method() !== method) return route.continue();
      left -= 1;
      await route.fetch();
      await route.abort();
    });
    return () => {
      left = 0;
    };
  }

  /** Waits until the last execution of a sync has ended; the test's own time limit ends it. */
  async untilEnded(syncId: string): Promise<void> {
    await this.api.until(syncId, ({ lastExecution }) => {
      const { state } = (lastExecution ?? {}) as { state?: string };
      return state !== undefined && state !== 'running';
    });
  }
}

async function connect(api: RunningApi, { marketo, salesforce }: Sandbox) {
  const { clientId, clientSecret } = salesforce.credentials;
  const made = [
    { name: DEMO_MARKETO, kind: 'marketo', settings: settingsOf(marketo) },
    {
      name: DEMO_SALESFORCE,
      kind: 'salesforce',
      settings: {
        loginUrl: salesforce.url,
        quotaShare: 1,
        auth: { type: 'clientCredentials', clientId, clientSecret },
      },
    },
  ];
  const [first, second] = await Promise.all(made.map((connection) => api.call('POST', '/connections', connection)));
  expect([first?.status, second?.status]).toEqual([201, 201]);
  return { marketo: String(first?.body.id), salesforce: String(second?.body.id) };
}
