import Database from 'better-sqlite3';
import type { VendorKind } from './core';
import type { Fault } from './faults';

export interface StoredInstance {
  kind: VendorKind;
  name: string;
  port: number;
  tlsPort: number | null;
  /** Size of the demo data that it was filled with, 0 for none. */
  people: number;
}

/** What the sandbox as a whole remembers: its clock, its instances and their faults. */
export interface SandboxState {
  clockOffsetMs(): number;
  saveClockOffset(offsetMs: number): void;
  controlPort(): number | undefined;
  saveControlPort(port: number): void;
  instances(): StoredInstance[];
  saveInstance(instance: StoredInstance): void;
  removeInstance(kind: VendorKind, name: string): void;
  faults(kind: VendorKind, name: string): Fault[];
  saveFaults(kind: VendorKind, name: string, faults: readonly Fault[]): void;
  close(): void;
}

/** @param file path of the SQLite file */
export function openSandboxState(file: string): SandboxState {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = OFF');
  database.exec(`
    create table if not exists settings (key text primary key, value) without rowid;
    create table if not exists instances (
      kind text not null, name text not null, port integer not null, tls_port integer, people integer not null,
      faults text not null default '[]', primary key (kind, name)) without rowid;
  `);
  const getSetting = database.prepare('select value from settings where key = ?').pluck();
  const setSetting = database.prepare('insert or replace into settings (key, value) values (?, ?)');
  const saveInstance = database.prepare(`
    insert into instances (kind, name, port, tls_port, people) values (@kind, @name, @port, @tlsPort, @people)
    on conflict (kind, name) do update set port = excluded.port, tls_port = excluded.tls_port, people = excluded.people`);
  const saveFaults = database.prepare('update instances set faults = ? where kind = ? and name = ?');
  return {
    clockOffsetMs: () => (getSetting.get('clockOffsetMs') as number | undefined) ?? 0,
    saveClockOffset: (offsetMs) => void setSetting.run('clockOffsetMs', offsetMs),
    controlPort: () => getSetting.get('controlPort') as number | undefined,
    saveControlPort: (port) => void setSetting.run('controlPort', port),
    instances: () =>
      database
        .prepare('select kind, name, port, tls_port as tlsPort, people from instances order by kind desc, name')
        .all() as StoredInstance[],
    saveInstance: (instance) => void saveInstance.run(instance),
    removeInstance: (kind, name) =>
      void database.prepare('delete from instances where kind = ? and name = ?').run(kind, name),
    faults(kind, name) {
      const text = database.prepare('select faults from instances where kind = ? and name = ?').pluck().get(kind, name);
      return text === undefined ? [] : (JSON.parse(text as string) as Fault[]); // written by saveFaults
    },
    saveFaults: (kind, name, faults) => void saveFaults.run(JSON.stringify(faults), kind, name),
    close: () => void database.close(),
  };
}
