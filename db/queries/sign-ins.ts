import type postgres from 'postgres';
import { NO_SIGN_INS, type SignIns } from '../../src/domain/sign-ins';

/** What is stored of the sign-ins of a connection. */
export interface StoredSignIns {
  signIns: SignIns;
  /** The running session, encrypted; null where there is none to share. */
  session: string | null;
}

interface Row {
  settingsVersion: number;
  state: Partial<SignIns> | null;
  session: string | null;
  version: number | null;
  now: number;
}

/**
 * Changes what is known of the sign-ins of a connection, as if nobody else did at the same time. What was known of earlier settings is
 * forgotten.
 * @param change gets the database's present time in milliseconds since 1970; may be called more than once; where it gives null, nothing is
 *   written
 * @returns what is stored afterwards, or null when these are no longer the connection's settings
 */
export async function changeSignIns(
  sql: postgres.Sql,
  { connectionId, settingsVersion }: { connectionId: string; settingsVersion: number },
  change: (stored: StoredSignIns, nowMs: number) => StoredSignIns | null,
): Promise<StoredSignIns | null> {
  for (;;) {
    const [row] = await sql<Row[]>`
      select c.settings_version as "settingsVersion", s.state, s.session, s.version::int,
        (extract(epoch from clock_timestamp()) * 1000)::float8 as now
      from connections c
      left join connection_sign_ins s on s.connection_id = c.connection_id and s.settings_version = c.settings_version
      where c.connection_id = ${connectionId}`;
    if (row?.settingsVersion !== settingsVersion) return null;
    // written by us alone
    const stored = { signIns: { ...NO_SIGN_INS, ...row.state }, session: row.session };
    const changed = change(stored, row.now);
    if (!changed) return stored;
    const { count } = await sql`
      insert into connection_sign_ins as s (connection_id, settings_version, state, session)
      values (${connectionId}, ${settingsVersion}, ${JSON.stringify(changed.signIns)}::text::jsonb, ${changed.session})
      on conflict (connection_id) do update
        set settings_version = excluded.settings_version, state = excluded.state, session = excluded.session, version = s.version + 1
      where s.settings_version < excluded.settings_version
        or (s.settings_version = excluded.settings_version and s.version = ${row.version ?? -1})`;
    if (count === 1) return changed;
  }
}

/** A person says that the sign-ins of a sync's connections are mended: the next one need not wait. The day's number still counts. */
export async function letSignInAgain(sql: postgres.Sql, syncId: string): Promise<void> {
  await sql`
    update connection_sign_ins i set state = jsonb_set(i.state, '{refusal,atMs}', '0'), version = i.version + 1
    from syncs s join sync_versions v on v.sync_id = s.sync_id and v.version = s.version
    where s.sync_id = ${syncId} and jsonb_typeof(i.state -> 'refusal') = 'object'
      and i.connection_id::text in (v.definition -> 'source' ->> 'connectionId', v.definition -> 'destination' ->> 'connectionId')`;
}
