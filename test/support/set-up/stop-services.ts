import type { SharedServices } from '../services';

export default async function stopServices(): Promise<void> {
  const services: SharedServices | undefined = Reflect.get(globalThis, '__SYNC_TEST_SERVICES__');
  await services?.stop();
}
