import { setTimeout as sleep } from 'node:timers/promises';
import { type Installation, type ProcessName, WORKERS } from './installation';
import type { Blow, Moment } from './plan';
import type { Records } from './records';
import type { Step, Watch } from './watch';

type Recovering = 'worker' | 'Temporal' | 'PostgreSQL' | 'everything';

/** A wait for the first step after something has gone or has come back. */
interface Recovery {
  of: Recovering;
  sinceMs: number;
  /** Steps of these starts of processes tell nothing: they were committed before. */
  dead: readonly string[];
  /** What else had happened by then. */
  eventsBefore: number;
}

/** As soon as `npm start` begins a part that has died again. */
const BACK_AFTER_MS = 500;
const OF_RECOVERY: Partial<Record<ProcessName, Recovering>> = { postgres: 'PostgreSQL', temporal: 'Temporal' };

/** Lets the blows of a plan fall when their moments come, sets right what they have hit, and takes the time until the run goes on. */
export class Director {
  private readonly due: Blow[];
  private readonly underWay: Promise<void>[] = [];
  private readonly open: Recovery[] = [];
  private lastWorker = '';
  private last: Step | null = null;
  private blowsSoFar = 0;
  private readonly ending = new AbortController();

  /** @param faultsSoFar how many faults of the vendors have acted: what they delay is no measure of a recovery */
  constructor(
    private readonly installation: Installation,
    private readonly watch: Watch,
    blows: readonly Blow[],
    private readonly records: Records,
    private readonly faultsSoFar: () => number,
  ) {
    this.due = [...blows];
    watch.onStep((step) => this.take(step));
  }

  /** A moment has come. */
  meet(moment: Moment): void {
    for (const blow of this.due.filter((each) => each.moment === moment)) {
      this.due.splice(this.due.indexOf(blow), 1);
      this.underWay.push(this.strike(blow));
    }
  }

  /** Kills the worker that works again and again, until all is over. */
  killWorkerEvery(ms: number): void {
    const kill = async () => {
      for (;;) {
        await sleep(ms, undefined, { signal: this.ending.signal });
        await this.strike({ moment: 'load', afterMs: 0, of: 'the working worker', how: 'kill', forMs: BACK_AFTER_MS });
      }
    };
    this.underWay.push(
      kill().catch((error: unknown) => {
        if (!this.ending.signal.aborted) throw error;
      }),
    );
  }

  /** Returns when all blows that have fallen are over. */
  async over(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.underWay);
  }

  private take(step: Step): void {
    const nowMs = performance.now();
    if (step.by.startsWith('worker')) this.lastWorker = step.by;
    for (const recovery of [...this.open]) {
      if (recovery.dead.includes(step.by)) continue;
      this.open.splice(this.open.indexOf(recovery), 1);
      const isAlone = recovery.eventsBefore === this.events;
      this.records.recovered(recovery.of, nowMs - recovery.sinceMs, isAlone);
    }
    const before = this.last;
    this.last = step;
    if (step.phase && step.phase !== before?.phase) this.meet(step.phase);
    if (step.state !== 'running' && before?.state === 'running') this.meet('end');
  }

  private get events(): number {
    return this.blowsSoFar + this.faultsSoFar();
  }

  private async strike(blow: Blow): Promise<void> {
    await sleep(blow.afterMs);
    const names = this.hitBy(blow);
    if (names.length === 0) return;
    this.blowsSoFar += 1;
    this.records.struck(blow, this.last?.phase ?? null);
    const processes = names.map((name) => this.installation.processes[name]);
    for (const each of processes) each.isHit = true;
    const dead = names.some((name) => name === workerOf(this.lastWorker)) ? [this.lastWorker] : [];
    const otherGoesOn = blow.of === 'the working worker';
    if (blow.how === 'kill' && otherGoesOn && dead.length > 0) this.expect('worker', dead);
    await Promise.all(
      processes.map((each) => (blow.how === 'freeze' ? each.freeze() : blow.how === 'kill' ? each.kill() : each.end())),
    );
    await sleep(blow.forMs);
    await Promise.all(names.map((name) => this.restore(name, blow)));
    if (blow.of === 'everything') this.expect('everything', []);
  }

  /** Those that another blow has hit already are left out. */
  private hitBy({ of }: Blow): ProcessName[] {
    const { processes } = this.installation;
    const working = workerOf(this.lastWorker) ?? WORKERS[0];
    const names: Record<Blow['of'], readonly ProcessName[]> = {
      'the working worker': [working],
      'the other worker': WORKERS.filter((name) => name !== working),
      'both workers': WORKERS,
      'the API': ['api'],
      Temporal: ['temporal'],
      PostgreSQL: ['postgres'],
      everything: Object.keys(processes) as ProcessName[],
    };
    return names[of].filter((name) => !processes[name].isHit);
  }

  private async restore(name: ProcessName, { how, of: target }: Blow): Promise<void> {
    const hit = this.installation.processes[name];
    if (how === 'freeze') await hit.thaw();
    else {
      await hit.start();
      // a worker tells by its work that it is there
      if (!isWorker(name)) await hit.whenReady();
    }
    const of = OF_RECOVERY[name];
    if (of && how !== 'freeze' && target !== 'everything') this.expect(of, []);
    if (name === 'postgres') await this.watch.reopen();
    hit.isHit = false;
  }

  private expect(of: Recovering, dead: readonly string[]): void {
    if (this.last === null || this.last.state !== 'running') return;
    this.open.push({ of, sinceMs: performance.now(), dead, eventsBefore: this.events });
  }
}

const isWorker = (name: string): name is (typeof WORKERS)[number] => WORKERS.some((worker) => worker === name);

/** @param start of a process: `worker-1.2` */
function workerOf(start: string): (typeof WORKERS)[number] | undefined {
  return WORKERS.find((name) => start.startsWith(`${name}.`));
}
