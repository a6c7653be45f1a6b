import type postgres from 'postgres';

/** Looks for a text in every row of the database, as a dump of it would show them. @returns the tables that hold it, sorted */
export async function tablesWith(sql: postgres.Sql, text: string): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r' order by 1`;
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await sql`select 1 from ${sql(name)} t where strpos(t::text, ${text}) > 0 limit 1`;
    if (rows.length > 0) found.push(name);
  }
  return found;
}

/** Every row of the database as text, by its table, as a dump of it would show them. */
export async function databaseText(sql: postgres.Sql): Promise<Map<string, string>> {
  const tables = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r' order by 1`;
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const [all] = await sql<{ text: string | null }[]>`select string_agg(t::text, e'\n') as text from ${sql(name)} t`;
    if (all?.text) texts.set(name, all.text);
  }
  return texts;
}
