import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

/** What workers of this process tell of their own states belongs to no test. Once, before the first of them is made. */
export const quietenTemporal = (): void =>
  void Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
