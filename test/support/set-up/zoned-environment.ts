import { TestEnvironment } from 'jest-environment-node';

/**
 * The environment of tests that choose the zone of their process (`setProcessZone`). Others have a copy of the environment variables,
 * which the runtime's own dates do not look at.
 */
export default class ZonedEnvironment extends TestEnvironment {
  private readonly zoneBefore = process.env.TZ;

  override async setup(): Promise<void> {
    await super.setup();
    this.global.setProcessZone = (zone: string) => {
      process.env.TZ = zone;
    };
  }

  override async teardown(): Promise<void> {
    if (this.zoneBefore === undefined) delete process.env.TZ;
    else process.env.TZ = this.zoneBefore;
    await super.teardown();
  }
}
