import { z } from 'zod';

const DAY_MS = 86_400_000;
const MEGABYTE = 1_048_576;

/** What an org lets an administrator choose, and where the sandbox's pace is set. The control API changes it. */
export const settingsSchema = z.strictObject({
  clientId: z.string().min(1).default('sandbox'),
  clientSecret: z.string().min(1).default('sandbox'),
  password: z.string().min(1).default('sandbox'),
  /** Accepted behind the password, as Salesforce's security token is. */
  securityToken: z.string().default(''),
  /** The app has a run-as user, without whom client credentials are refused. */
  clientCredentialsEnabled: z.boolean().default(true),
  passwordFlowEnabled: z.boolean().default(true),
  /** Every call is refused with INVALID_OPERATION_WITH_EXPIRED_PASSWORD, signing in still works. */
  passwordExpired: z.boolean().default(false),
  apiEnabled: z.boolean().default(true),
  /** PEM of the certificate or public key that signs JWT assertions. */
  jwtPublicKey: z.string().nullable().default(null),
  jwtPreApproved: z.boolean().default(true),
  /** Exact addresses to which the sign-in page may return; null allows any. */
  redirectUris: z.array(z.string()).nullable().default(null),
  /** Each refresh gives a new refresh token and ends the old one. */
  rotateRefreshTokens: z.boolean().default(false),
  /** A session ends so long after its last use. */
  sessionTimeoutMs: z
    .number()
    .int()
    .min(1)
    .default(2 * 3_600_000),
  /** A session ends after so many calls; null: by its time alone. */
  callsPerSession: z.number().int().min(1).nullable().default(null),
  /** What the API user may do with objects that they may not change as they like, by the objects' names. */
  objectAccess: z.record(z.string(), z.enum(['edit', 'read', 'none'])).default({}),
  /** IANA zone of the API user: date literals begin their days there. */
  timeZone: z.string().refine(isTimeZone, 'an IANA time zone').default('GMT'),
  /** Requests in 24 hours. The figure of a full sandbox; a developer org has 15,000. */
  dailyApiRequests: z.number().int().min(0).default(5_000_000),
  /** Rows of a query's page at most. */
  queryPageRows: z.number().int().min(1).max(2_000).default(2_000),
  locatorLifetimeMs: z
    .number()
    .int()
    .min(1)
    .default(2 * DAY_MS),
  /** Open locators per user; one more closes the oldest. */
  openCursors: z.number().int().min(1).default(10),
  /** `request`: one value of the wrong JSON type refuses a whole collection; `record`: its record alone. */
  jsonTypeErrors: z.enum(['request', 'record']).default('request'),
  maxBodyBytes: z
    .number()
    .int()
    .min(1)
    .default(50 * MEGABYTE),
  /** How long a Bulk job waits before it begins, and before it says that it is complete. */
  bulkStartDelayMs: z.number().int().min(0).default(20),
  bulkFinishDelayMs: z.number().int().min(0).default(20),
  /** Most bytes of an upload, counted as base64, as the vendor does: three quarters of it as they are. */
  bulkUploadBytes: z
    .number()
    .int()
    .min(1)
    .default(150 * MEGABYTE),
  /** Rows of a Bulk query's result page when the client does not say. */
  bulkResultRows: z.number().int().min(1).default(100_000),
  /** Batches of 10,000 rows that Bulk takes in 24 hours, and query jobs. */
  dailyBulkBatches: z.number().int().min(0).default(15_000),
  dailyBulkQueryJobs: z.number().int().min(0).default(10_000),
  /** An administrator aborts each ingest job as soon as so many of its rows have been processed; null: none. */
  bulkAbortAfterRows: z.number().int().min(1).nullable().default(null),
  /** Parallel Bulk jobs fight over the account of their rows: UNABLE_TO_LOCK_ROW. */
  parentLocks: z.boolean().default(false),
});
export type Settings = z.output<typeof settingsSchema>;
/** The same without defaults: what a change may hold. */
export const settingsChangeSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([key, schema]) => [key, schema.unwrap().optional()]),
  ) as Record<string, z.ZodType>,
);

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
