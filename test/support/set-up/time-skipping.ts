import { provide, SERVICE_VARIABLES, say } from '../service-variables';
import { TOOLS_DIR } from '../services';
import { findTimeSkippingServer } from '../tools/time-skipping-server';

/** Before the tests of `workflow`: the server in which months pass in seconds. Each test starts its own. */
export default async function prepareTimeSkipping(): Promise<void> {
  await provide(SERVICE_VARIABLES.timeSkippingServer, () => findTimeSkippingServer(TOOLS_DIR, say));
}
