import { provide, SERVICE_VARIABLES, say } from '../service-variables';
import { TOOLS_DIR } from '../services';
import { findPython } from '../tools/python';

/** Before the tests of `sandbox`: clients of the vendors' APIs that others have written. */
export default async function prepareApiClients(): Promise<void> {
  await provide(SERVICE_VARIABLES.python, () => findPython(TOOLS_DIR, say));
}
