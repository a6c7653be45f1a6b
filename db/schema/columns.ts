import { bigint, customType } from 'drizzle-orm/pg-core';

/** A point in time; read and written as ISO 8601 UTC (`2026-03-01T09:30:00.000Z`), so that no driver turns it into a local time. */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (value) => new Date(value).toISOString(),
});

/** Text that sorts byte by byte, whatever the database's own collation is. */
export const bytesText = customType<{ data: string; driverData: string }>({ dataType: () => 'text collate "C"' });

/** A number of records. */
export const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);
