import { markOf } from '../../src/local/parts';
import { findProcesses } from '../../src/local/processes';
import { PART_NAMES } from '../../src/local/supervised-part';
import { forgetPeak, peakMb } from '../cpu';
import type { Everything } from '../everything';
import type { Result } from './diary';
import { ALL_FIELDS, FILTERED, MAPPED } from './seed';
import type { Place, Vendors } from './vendors';

/** From where to where a sync moves people. */
export interface Route {
  from: Place;
  to: 'salesforce/target' | 'marketo/target';
}

const KEY = ALL_FIELDS[0] ?? { contact: 'Email', lead: 'email' };

/** Sync as users run it, moving the same people by syncs that each begin anew. */
export class Ours {
  readonly #connections = new Map<Place, string>();

  constructor(
    private readonly everything: Everything,
    private readonly vendors: Vendors,
  ) {}

  /**
   * Runs a new sync once: twelve mapped fields, a filter over seven others that all people pass, the youngest of an e-mail address.
   * Timed from its activation until the API tells of the end.
   */
  async run({ from, to }: Route): Promise<Partial<Result>> {
    const syncId = await this.#savedSync(from, to);
    const pids = await this.#pids();
    pids.forEach(forgetPeak);
    const before = await this.everything.cpu();
    const startedAt = performance.now();
    const { state, problem } = await this.everything.run(syncId, 1);
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await this.everything.cpu();
    if (state !== 'succeeded') throw new Error(`ended as ${state}: ${problem}`);
    const { spans } = await this.everything.history(`sync/${syncId}/execution/1`);
    const own = PART_NAMES.filter((part) => part !== 'sandbox');
    const cpuParts = Object.fromEntries(own.map((part) => [part, after[part] - before[part]]));
    return {
      seconds,
      extractSeconds: spans.filter(({ name }) => name === 'extract').reduce((sum, span) => sum + span.seconds, 0),
      cpuParts,
      cpuSeconds: Object.values(cpuParts).reduce((sum, spent) => sum + spent, 0),
      peakMb: Math.max(...pids.map(peakMb)),
    };
  }

  /** The processes of API and worker. */
  async #pids(): Promise<number[]> {
    const { dataDir } = this.everything.settings;
    const processes = await Promise.all(
      (['api', 'worker'] as const).map((part) => findProcesses(markOf(part, dataDir))),
    );
    return processes.flat().map(({ pid }) => pid);
  }

  async #savedSync(from: Place, to: Place): Promise<string> {
    const [source, destination] = [sideOf(from), sideOf(to)];
    const { id } = (await this.everything.call('POST', '/syncs', {
      name: `${from} to ${to}`,
      source: { connectionId: await this.#connection(from), object: source.object },
      destination: { connectionId: await this.#connection(to), object: destination.object },
      deduplicate: 'youngestByLastUpdate',
      filter: {
        all: [
          { column: KEY[source.names], operator: 'isNotEmpty' },
          { any: FILTERED.map((field) => ({ column: field[source.names], operator: 'isNotEmpty' })) },
        ],
      },
      mappings: MAPPED.map((field) => ({ from: { field: field[source.names] }, to: field[destination.names] })),
      schedule: { type: 'now' },
    })) as { id: string }; // as the API promises
    return id;
  }

  async #connection(place: Place): Promise<string> {
    const known = this.#connections.get(place);
    if (known !== undefined) return known;
    const { url } = await this.vendors.urlsOf(place);
    const client = { clientId: 'sandbox', clientSecret: 'sandbox' };
    const { id } = (await this.everything.call('POST', '/connections', {
      name: place,
      ...(place.startsWith('marketo')
        ? { kind: 'marketo', settings: { baseUrl: url, quotaShare: 1, ...client } }
        : {
            kind: 'salesforce',
            settings: { loginUrl: url, quotaShare: 1, auth: { type: 'clientCredentials', ...client } },
          }),
    })) as { id: string }; // as the API promises
    this.#connections.set(place, id);
    return id;
  }
}

const sideOf = (place: Place) =>
  place.startsWith('marketo')
    ? ({ object: 'Lead', names: 'lead' } as const)
    : ({ object: 'Contact', names: 'contact' } as const);
