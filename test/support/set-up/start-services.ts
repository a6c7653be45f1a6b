import { SharedServices } from '../services';

/** Jest's set-up of the projects that need PostgreSQL and Temporal: once for all of them. */
export default async function startServices(): Promise<void> {
  const services = new SharedServices();
  await services.start();
  Reflect.set(globalThis, '__SYNC_TEST_SERVICES__', services);
}
