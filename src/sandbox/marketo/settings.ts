import type { Database } from 'better-sqlite3';
import { z } from 'zod';

const count = z.number().int().min(0);
const milliseconds = z.number().int().min(0);

/**
 * What one Marketo instance can be told by the control API. The limits default to the vendor's values; the switches
 * choose between behaviours that the vendor does not document, so that a client can be tried against both.
 */
const settingsSchema = z.strictObject({
  // limits (Marketo guide, "API limits"); 0 lifts a limit
  callsPerWindow: count.default(100),
  windowMs: milliseconds.default(20_000),
  callsAtOnce: count.default(10),
  callsPerDay: count.default(50_000),
  exportBytesPerDay: count.default(500 * 1024 * 1024),
  jobsInQueue: count.default(10),
  jobsAtOnce: z.number().int().min(1).default(2),
  /** Time that each call takes at least, during which it counts as running. */
  latencyMs: milliseconds.default(0),
  tokenLifeMs: milliseconds.default(3_600_000),
  /** A token ends after so many calls, in turn as expired (602) and as unknown (601); 0: by its life alone. */
  callsPerToken: count.default(0),
  pageTokenLifeMs: milliseconds.default(3_600_000),
  // pace of bulk jobs
  /** How long an extract or an import stays in work at least, by the sandbox's clock. */
  jobMs: milliseconds.default(120),
  /** A job's visible state changes at most once in this time; 60,000 at the vendor, 0 so that nobody has to wait. */
  statusStepMs: milliseconds.default(0),
  /** Jobs that are started stay in work until this is switched off again. */
  holdJobs: z.boolean().default(false),
  /** So many of the next extract jobs fail with this instance's next work on them. */
  failNextExports: count.default(0),
  /** So many of the next files asked for answer 404 although their job is completed. */
  missingFiles: count.default(0),
  /** So many of the next completed extracts announce a checksum that does not fit their file. */
  wrongChecksums: count.default(0),
  // what the subscription has
  updatedAtFilter: z.boolean().default(true),
  smartListFilter: z.boolean().default(true),
  /** Native Salesforce sync: companies, opportunities, roles and sales persons become read-only (1018). */
  crmSync: z.boolean().default(false),
  /** The zone in which date-times without an offset are read. */
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone').default('America/Chicago'),
  // behaviours on which documents and recordings differ, or are silent
  tooLongText: z.enum(['refuse', 'truncate']).default('refuse'),
  trimText: z.boolean().default(true),
  omitNulls: z.boolean().default(false),
  sameKeyTwice: z.enum(['update', 'createTwo']).default('update'),
  companyFieldsOnLeads: z.enum(['write', 'refuse']).default('write'),
  /** Time between look-up and write of one Sync Leads call: two calls within it can both create one new key. */
  syncRaceMs: milliseconds.default(0),
  /** `updatedAt` of a fresh lead lies this much before its `createdAt`. */
  freshUpdatedAtLagMs: milliseconds.default(1000),
  /** New leads, memberships and activities show in queries only after this time. */
  visibilityDelayMs: milliseconds.default(0),
  blankCellInImport: z.enum(['keep', 'clear']).default('keep'),
  severalMatchesInImport: z.enum(['fail', 'updateNewest']).default('fail'),
  /** Raw activities looked at for one page of activities; a small number makes short and empty pages. */
  activitiesPerScan: z.number().int().min(1).default(3000),
  /** `moreResult: false` beside a usable token on full pages that are paged by position, as seen on campaigns. */
  moreResultFalse: z.boolean().default(false),
  /** Life of most activities; those of Change Data Value are purged after it. */
  activityLifeDays: z.number().int().min(1).default(90),
});

export type MarketoSettings = z.infer<typeof settingsSchema>;

/** Settings that say how often something shall happen still, and are counted down by it. */
type Countdown = 'failNextExports' | 'missingFiles' | 'wrongChecksums';

export interface SettingsStore {
  current(): Readonly<MarketoSettings>;
  /** Uses up one of a countdown. @returns whether there was one */
  takeOne(name: Countdown): boolean;
  /**
   * Changes some settings and keeps them across a restart.
   * @throws z.ZodError where a name is unknown or a value is not of its kind
   */
  change(patch: unknown): Readonly<MarketoSettings>;
}

export function createSettingsStore(database: Database): SettingsStore {
  const read = database.prepare(`select value from mk_meta where key = 'settings'`).pluck();
  const write = database.prepare(`insert or replace into mk_meta (key, value) values ('settings', ?)`);
  const stored = read.get() as string | undefined;
  // settings of an older version of the sandbox may hold names that are gone: those are dropped
  let settings = settingsSchema.strip().parse(stored === undefined ? {} : JSON.parse(stored));
  const keep = (changed: MarketoSettings): void => {
    settings = changed;
    write.run(JSON.stringify(settings));
  };
  return {
    current: () => settings,
    takeOne(name) {
      const left = settings[name];
      if (left > 0) keep({ ...settings, [name]: left - 1 });
      return left > 0;
    },
    change(patch) {
      const changes = settingsSchema.partial().parse(patch);
      const given = Object.fromEntries(
        Object.keys(patch as object).map((name) => [name, changes[name as keyof MarketoSettings]]),
      );
      keep({ ...settings, ...given });
      return settings;
    },
  };
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false; // Intl has no other way to say that it does not know the zone
  }
}
