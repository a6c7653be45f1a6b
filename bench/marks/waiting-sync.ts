import type { Execution } from '../everything';
import type { Route } from '../peers/ours';
import { callsOf, countedCalls, since } from './measured-run';
import type { Bench } from './part';

/** Its time comes in years; until then it runs when it is asked to. */
const IN_YEARS = { type: 'interval', every: { amount: 1, unit: 'week' }, start: '2199-01-07T02:30' };

/** One run of such a sync: what it took from the wish on, and its calls by end point, sign-in included. */
export interface AskedRun {
  execution: Execution;
  seconds: number;
  calls: Map<string, number>;
  /** All but signing in. */
  made: number;
  events: number;
}

/** A sync that is active and sleeps, so that no call of the API's, which checks what is activated, falls into its runs. */
export class WaitingSync {
  #runs = 0;

  private constructor(
    private readonly bench: Bench,
    private readonly route: Route,
    readonly syncId: string,
  ) {}

  static async activate(bench: Bench, route: Route, more: Record<string, unknown> = {}): Promise<WaitingSync> {
    const syncId = await bench.ours.savedSync(route, { schedule: IN_YEARS, ...more });
    await bench.everything.call('POST', `/syncs/${syncId}/activate`);
    return new WaitingSync(bench, route, syncId);
  }

  /** Runs it once. @throws Error unless that succeeds */
  async run(): Promise<AskedRun> {
    const { everything, vendors } = this.bench;
    const places = [this.route.from, this.route.to];
    this.#runs += 1;
    const before = await callsOf(vendors, places);
    const askedAt = Date.now();
    await everything.call('POST', `/syncs/${this.syncId}/run-now`);
    const execution = await everything.whenEnded(this.syncId, this.#runs);
    const { state, problem, finishedAt } = execution;
    if (state !== 'succeeded') throw new Error(`ended as ${state}: ${problem}`);
    const seconds = (Date.parse(finishedAt ?? '') - askedAt) / 1000;
    const calls = since(before, await callsOf(vendors, places));
    const { events } = await everything.history(`sync/${this.syncId}/execution/${this.#runs}`);
    return { execution, seconds, calls, made: countedCalls(calls), events };
  }
}
