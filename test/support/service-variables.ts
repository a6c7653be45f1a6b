/** Environment variables by which the set-up of a test run tells the tests what it has started or found. */
export const SERVICE_VARIABLES = {
  /** URL of the database that each test's own is copied from. */
  databaseTemplate: 'SYNC_TEST_DATABASE_TEMPLATE',
  /** `host:port` of the shared Temporal server. */
  temporalAddress: 'SYNC_TEST_TEMPORAL_ADDRESS',
} as const;

/** What the set-up has told, or an error that says how to run the test. */
export function fromSetUp(variable: string): string {
  const value = process.env[variable];
  if (!value)
    throw new Error(`${variable} is not set: run this test by Jest, in a project whose set-up starts services`);
  return value;
}
