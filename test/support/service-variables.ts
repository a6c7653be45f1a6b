import { type Say, ToolMissingError } from '../../src/local/tool-ladder';

/** Environment variables by which the set-up of a test run tells the tests what it has started or found. */
export const SERVICE_VARIABLES = {
  /** URL of the database that each test's own is copied from. */
  databaseTemplate: 'SYNC_TEST_DATABASE_TEMPLATE',
  /** `host:port` of the shared Temporal server. */
  temporalAddress: 'SYNC_TEST_TEMPORAL_ADDRESS',
  /** File of the workflow code, bundled. */
  workflowBundle: 'SYNC_TEST_WORKFLOW_BUNDLE',
  /** Address of its Web UI. */
  temporalUi: 'SYNC_TEST_TEMPORAL_UI',
  /** Program of the time-skipping Temporal server. */
  timeSkippingServer: 'SYNC_TEST_TIME_SKIPPING_SERVER',
  /** Folder of the web UI, built of the checkout. */
  webUi: 'SYNC_TEST_WEB_UI',
  /** Program of the browser. */
  chromium: 'SYNC_TEST_CHROMIUM',
  /** `python` of the environment with independent clients of both vendors. */
  python: 'SYNC_TEST_PYTHON',
} as const;
type ServiceVariable = (typeof SERVICE_VARIABLES)[keyof typeof SERVICE_VARIABLES];

const missingVariable = (variable: ServiceVariable): string => `${variable}_MISSING`;

/** The lines of a set-up, between those of Jest. */
export const say: Say = (line) => void process.stderr.write(`${line}\n`);

/** Tells the tests what they need. A tool that cannot be had fails the tests that ask for it, not the others. */
export async function provide(variable: ServiceVariable, find: () => Promise<string>): Promise<void> {
  try {
    process.env[variable] = await find();
  } catch (error) {
    if (!(error instanceof ToolMissingError)) throw error;
    say(error.message);
    process.env[missingVariable(variable)] = error.message;
  }
}

/** What the set-up has told. Throws with how to get it where it is missing. */
export function fromSetUp(variable: ServiceVariable): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(
    process.env[missingVariable(variable)] ??
      `${variable} is not set: run this test by Jest, in a project whose set-up provides it (jest.config.cjs)`,
  );
}
