/** `npm start`: Sync with everything that it needs on this machine. */
import { mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AlreadyRunningError, type InstanceLock, takeLock } from './local/instance-lock';
import { launchingNpm, watchEnd } from './local/launcher';
import { PortsTakenError } from './local/ports';
import { OtherPostgresError } from './local/postgres';
import { type Addresses, Supervisor } from './local/supervisor';
import { ToolMissingError } from './local/tool-ladder';
import { readSettings, type Settings, SettingsError } from './settings';

const say = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const settings = readSettings({ SYNC_SANDBOX: 'on', ...process.env });
  await mkdir(join(settings.dataDir, 'run'), { recursive: true, mode: 0o700 });
  // one folder, one name: parts are known by it
  const dataDir = await realpath(settings.dataDir);
  const npm = await launchingNpm();
  const lock = await takeLock({ file: join(dataDir, 'run', 'supervisor.json'), dataDir, launcherPid: npm, say });
  await superviseUntilStopped({ ...settings, dataDir }, lock, npm);
}

/** Runs until a signal comes, or something does not start; then everything is stopped. */
async function superviseUntilStopped(settings: Settings, lock: InstanceLock, npm: number | undefined): Promise<void> {
  const supervisor = new Supervisor({ settings, programDir: __dirname, toolsDir: resolve('.tools'), say });
  const wishToStop = whenStopIsWished(supervisor);
  const unwatch =
    npm === undefined ? () => undefined : watchEnd(npm, () => wishToStop.wish(`npm (process ${npm}) is gone`));
  try {
    const started = supervisor.start().then((addresses) => announce(addresses));
    await Promise.race([wishToStop.come, started.then(() => wishToStop.come)]);
  } finally {
    unwatch();
    await lock.announceStop();
    await supervisor.stop();
    await lock.release();
  }
  say('Sync has stopped');
}

/** The first wish stops in order, the second one at once. */
function whenStopIsWished(supervisor: Supervisor): { come: Promise<void>; wish(reason: string): void } {
  let isWished = false;
  let fulfil: () => void = () => undefined;
  const come = new Promise<void>((resolvePromise) => {
    fulfil = resolvePromise;
  });
  const wish = (reason: string): void => {
    if (isWished) {
      say(`${reason}: ending everything at once`);
      supervisor.kill();
      return;
    }
    isWished = true;
    say(`${reason}: stopping; once more ends everything at once`);
    fulfil();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => wish(signal));
  return { come, wish };
}

function announce({ sync, signIn, apiDocuments, temporalUi, apiKeyFile }: Addresses): void {
  say(`Sync: ${sync}`);
  if (signIn !== undefined) say(`Sign in: ${signIn}`);
  say(`API documents: ${apiDocuments}`);
  if (temporalUi !== undefined) say(`Temporal Web UI: ${temporalUi}`);
  if (apiKeyFile !== undefined) say(`API key: ${apiKeyFile}`);
}

// a terminal that is gone takes no more lines: that is no reason to stop in the middle of stopping
process.stdout.on('error', () => undefined);

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const kinds = [SettingsError, AlreadyRunningError, OtherPostgresError, PortsTakenError, ToolMissingError];
    const isForPeople = kinds.some((kind) => error instanceof kind);
    console.error(isForPeople && error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
