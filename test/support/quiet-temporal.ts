import { DefaultLogger, type Logger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

let isQuiet = false;
const quiet = new DefaultLogger('ERROR');
/** Where it is told to instead, all of it. */
let listener: Logger | null = null;

/** What workers of this process tell of Temporal goes to a log as well, from now on. */
export function listenToTemporal(logger: Logger): void {
  listener = logger;
}

const relay: Logger = {
  log: (level, message, meta) => (listener ?? quiet).log(level, message, meta),
  trace: (message, meta) => (listener ?? quiet).trace(message, meta),
  debug: (message, meta) => (listener ?? quiet).debug(message, meta),
  info: (message, meta) => (listener ?? quiet).info(message, meta),
  warn: (message, meta) => (listener ?? quiet).warn(message, meta),
  error: (message, meta) => (listener ?? quiet).error(message, meta),
};

/** What workers of this process tell of their own states belongs to no test. Called before the first of them is made. */
export function quietenTemporal(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({
    logger: relay,
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
}
