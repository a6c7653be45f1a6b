import type { Database } from 'better-sqlite3';
import { ApiError } from './api-error';

export interface Partition {
  id: number;
  name: string;
  description: string | null;
}

export interface Partitions {
  all(): Partition[];
  find(name: string): Partition | undefined;
  /** The default partition where no name is given. @throws ApiError 1003 for a name that is none */
  idOf(name: string | undefined): number;
  /** @throws RangeError where the name is taken */
  add(name: string, description?: string): Partition;
}

export function createPartitions(database: Database): Partitions {
  const all = database.prepare('select id, name, description from mk_partitions order by id');
  const find = database.prepare('select id, name, description from mk_partitions where name = ?');
  const insert = database.prepare(
    'insert into mk_partitions (name, description) values (?, ?) returning id, name, description',
  );
  database
    .prepare(
      `insert or ignore into mk_partitions (id, name, description) values (1, 'Default', 'Initial system lead partition')`,
    )
    .run();
  return {
    all: () => all.all() as Partition[],
    find: (name) => find.get(name) as Partition | undefined,
    idOf(name) {
      if (name === undefined || name === '') return 1;
      const partition = find.get(name) as Partition | undefined;
      if (!partition) throw new ApiError('1003', `Invalid value for 'partitionName' and value '${name}'`);
      return partition.id;
    },
    add(name, description) {
      if (find.get(name)) throw new RangeError(`There is a partition '${name}' already`);
      return insert.get(name, description ?? null) as Partition;
    },
  };
}
