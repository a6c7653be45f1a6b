import { TestWorkflowEnvironment } from '@temporalio/testing';
import { fromSetUp, SERVICE_VARIABLES } from './service-variables';

/** The SDK waits five seconds for the server, which a busy machine does not always make. */
const MOST_STARTS = 5;

/** Starts a server in which months pass in seconds. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const path = fromSetUp(SERVICE_VARIABLES.timeSkippingServer);
  for (let start = 1; ; start += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({
        server: { executable: { type: 'existing-path', path } },
      });
    } catch (error) {
      // the SDK's error comes from outside of the realm of Jest: it is no instance of `Error` here
      if (start === MOST_STARTS || !String(error).includes('did not start')) throw error;
    }
  }
}
