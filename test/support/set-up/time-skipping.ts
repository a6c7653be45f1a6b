import { provide, SERVICE_VARIABLES, say } from '../service-variables';
import { SharedServices, TOOLS_DIR } from '../services';
import { findTimeSkippingServer } from '../tools/time-skipping-server';

/** Before the tests of `workflow`: the server in which months pass in seconds, of which each starts its own, a database, and our code. */
export default async function prepareTimeSkipping(): Promise<void> {
  await provide(SERVICE_VARIABLES.timeSkippingServer, () => findTimeSkippingServer(TOOLS_DIR, say));
  await SharedServices.startForWorkflows();
}
