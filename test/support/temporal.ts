import { randomBytes } from 'node:crypto';
import { fromSetUp, SERVICE_VARIABLES } from './service-variables';

/** Where the shared Temporal server of the test run is, and a task queue that no other test has. */
export interface TestTemporal {
  /** For `TEMPORAL_ADDRESS`. */
  address: string;
  namespace: string;
  taskQueue: string;
}

export function testTemporal(): TestTemporal {
  return {
    address: fromSetUp(SERVICE_VARIABLES.temporalAddress),
    namespace: 'default',
    taskQueue: `test-${randomBytes(8).toString('hex')}`,
  };
}
