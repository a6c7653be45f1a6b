import { provide, SERVICE_VARIABLES, say } from '../service-variables';
import { SharedServices, TOOLS_DIR } from '../services';
import { findChromium } from '../tools/chromium';

/** Before the tests of `e2e`: the shared services, a browser, and the web UI as it is now. */
export default async function prepareBrowser(): Promise<void> {
  await provide(SERVICE_VARIABLES.chromium, () => findChromium(TOOLS_DIR, say));
  await SharedServices.startWithWebUi();
}
