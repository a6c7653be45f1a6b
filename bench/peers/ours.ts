import { costOf } from '../cost';
import type { Everything } from '../everything';
import type { Result } from './diary';
import { ALL_FIELDS, FILTERED, type Field, MAPPED } from './seed';
import type { Place, Target, Vendors } from './vendors';

/** From where to where a sync moves people. */
export interface Route {
  from: Place;
  to: Target;
}

const KEY = ALL_FIELDS[0] ?? { contact: 'Email', lead: 'email' };

/** Sync as users run it, moving the same people by syncs that each begin anew. */
export class Ours {
  readonly #connections = new Map<Place, Promise<string>>();

  constructor(
    private readonly everything: Everything,
    private readonly vendors: Vendors,
  ) {}

  /** Runs a new sync once. Timed from its activation until the API tells of the end. */
  async run(route: Route): Promise<Partial<Result>> {
    const syncId = await this.savedSync(route);
    const startedAt = performance.now();
    const [{ state, problem, seconds }, { cpu, peakMb }] = await costOf(this.everything, async () => {
      const execution = await this.everything.run(syncId, 1);
      return { ...execution, seconds: (performance.now() - startedAt) / 1000 };
    });
    if (state !== 'succeeded') throw new Error(`ended as ${state}: ${problem}`);
    const { spans } = await this.everything.history(`sync/${syncId}/execution/1`);
    const { sandbox: _, ...cpuParts } = cpu;
    return {
      seconds,
      extractSeconds: spans.filter(({ name }) => name === 'extract').reduce((sum, span) => sum + span.seconds, 0),
      cpuParts,
      cpuSeconds: Object.values(cpuParts).reduce((sum, spent) => sum + spent, 0),
      peakMb: Math.max(peakMb.api, peakMb.worker),
    };
  }

  /**
   * Saves a sync: twelve mapped fields, a filter over seven others that all people pass, the youngest of an e-mail address.
   * @param more what its definition has besides, or instead
   */
  async savedSync({ from, to }: Route, more: Record<string, unknown> = {}): Promise<string> {
    const [source, destination] = [sideOf(from), sideOf(to)];
    const { id } = (await this.everything.call('POST', '/syncs', {
      name: `${from} to ${to}`,
      source: { connectionId: await this.#connection(from), object: source.object },
      destination: { connectionId: await this.#connection(to), object: destination.object },
      deduplicate: 'youngestByLastUpdate',
      filter: { all: conditionsOn(source.names) },
      mappings: MAPPED.map((field) => ({ from: { field: field[source.names] }, to: field[destination.names] })),
      schedule: { type: 'now' },
      ...more,
    })) as { id: string }; // as the API promises
    return id;
  }

  /** Makes it at its first use. */
  #connection(place: Place): Promise<string> {
    const known = this.#connections.get(place) ?? this.#newConnection(place);
    this.#connections.set(place, known);
    return known;
  }

  async #newConnection(place: Place): Promise<string> {
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
    return id;
  }
}

/** All people pass them; to do so, seven fields are read that are not mapped. */
const conditionsOn = (names: keyof Field): readonly unknown[] => [
  { column: KEY[names], operator: 'isNotEmpty' },
  { any: FILTERED.map((field) => ({ column: field[names], operator: 'isNotEmpty' })) },
];

const sideOf = (place: Place) =>
  place.startsWith('marketo')
    ? ({ object: 'Lead', names: 'lead' } as const)
    : ({ object: 'Contact', names: 'contact' } as const);
