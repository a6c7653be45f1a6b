import postgres from 'postgres';
import { PHASES, type Phase } from '../../../src/domain/outcome';

/** A commit by which a run has come forward. */
export interface Step {
  /** The start of a process that committed it: `worker-1.2`. */
  by: string;
  phase: Phase | null;
  state: string;
  done: number;
}

/** So long, in seconds, a commit of a phase takes that would be over before a blow could hit it. */
const HELD_UP_SECONDS = 0.25;

/** The sandbox applies nothing later than after five seconds, so that a run need not wait for ten real minutes. */
const LATE_EFFECT_SECONDS = 10;

/**
 * Each commit by which a run comes forward is told at once, and commits of a phase can be held up, as by a slow disk, so that a blow
 * hits within it.
 */
const TRIGGERS = `
  create table chaos_held_up (phase text primary key);
  create function chaos_told() returns trigger language plpgsql as $$
  declare run record;
  begin
    if tg_table_name = 'executions' then run := new;
    else select * into run from executions where execution_id = new.execution_id;
    end if;
    perform pg_notify('chaos', json_build_object('by', current_setting('application_name'), 'phase', run.phase,
      'state', run.state, 'done', run.progress_done)::text);
    return null;
  end $$;
  create function chaos_hold_up() returns trigger language plpgsql as $$
  begin
    perform pg_sleep(${HELD_UP_SECONDS}) from chaos_held_up where phase = new.phase;
    return new;
  end $$;
  create trigger chaos_opened after insert on executions for each row execute function chaos_told();
  create trigger chaos_forward after update on executions for each row
    when ((old.phase, old.state, old.progress_done, old.read, old.filter_cursor, old.map_cursor, old.load_round, old.load_cursor)
      is distinct from (new.phase, new.state, new.progress_done, new.read, new.filter_cursor, new.map_cursor, new.load_round, new.load_cursor))
    execute function chaos_told();
  create trigger chaos_held_up before update on executions for each row
    when (old.phase = new.phase) execute function chaos_hold_up();
  create function chaos_arrives_soon() returns trigger language plpgsql as $$
  begin
    new.arrives_until := least(new.arrives_until, now() + interval '${LATE_EFFECT_SECONDS} seconds');
    return new;
  end $$;
  create trigger chaos_arrives_soon before update on load_batches for each row
    when (new.arrives_until is not null) execute function chaos_arrives_soon();
  create trigger chaos_parts after insert or update on extract_parts for each row execute function chaos_told();
  create trigger chaos_batches after insert or update on load_batches for each row execute function chaos_told();
`;

/** Sees how a run comes forward, by the commits of its workers. */
export class Watch {
  private sql: postgres.Sql;
  private listener: (step: Step) => void = () => undefined;
  private last = '';

  private constructor(private readonly databaseUrl: string) {
    this.sql = open(databaseUrl);
  }

  /** @param databaseUrl of a database that has been migrated */
  static async install(databaseUrl: string): Promise<Watch> {
    const watch = new Watch(databaseUrl);
    await watch.sql.unsafe(TRIGGERS);
    await watch.listen();
    return watch;
  }

  onStep(listener: (step: Step) => void): void {
    this.listener = listener;
    this.last = '';
  }

  async holdUp(phases: readonly Phase[]): Promise<void> {
    await this.sql`delete from chaos_held_up`;
    for (const phase of phases) await this.sql`insert into chaos_held_up values (${phase})`;
  }

  /** The moment at which quotas that are used up are asked for again has come, for all processes. */
  async bringAboutProbes(): Promise<void> {
    await this.sql`
      update instance_limits set state = jsonb_set(state, '{quota,untilMs}', '0'), version = version + 1
      where jsonb_typeof(state -> 'quota') = 'object'`;
  }

  /** Begins anew after PostgreSQL has been away; what happened meanwhile is one step. */
  async reopen(): Promise<void> {
    await this.close();
    this.sql = open(this.databaseUrl);
    await this.listen();
    const [run] = await this.sql<Step[]>`
      select '' as by, phase, state, progress_done::int as done from executions order by started_at desc limit 1`;
    if (run && signOf(run) !== this.last) this.take(run);
  }

  async close(): Promise<void> {
    await this.sql.end({ timeout: 0 }).catch(() => undefined); // a connection that is lost already
  }

  /** The rig's own connection to the database. */
  get database(): postgres.Sql {
    return this.sql;
  }

  private async listen(): Promise<void> {
    await this.sql.listen('chaos', (text) => this.take(JSON.parse(text)));
  }

  private take(step: Step): void {
    this.last = signOf(step);
    this.listener(step);
  }
}

const signOf = ({ phase, state, done }: Step): string => `${phase} ${state} ${done}`;

const open = (databaseUrl: string): postgres.Sql => postgres(databaseUrl, { max: 2, onnotice: () => undefined });

/** The phases that are over within moments. */
export const SHORT_PHASES = PHASES.filter((phase) => phase !== 'extract' && phase !== 'load');
