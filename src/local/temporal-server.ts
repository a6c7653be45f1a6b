import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartCommand } from './part-command';
import { climb, isExecutable, isReachable, onPath, outputOf, type Rung, runLong, type Say } from './tool-ladder';

/** The last version that `go install` takes: the modules of later ones have a `replace` line. */
const FETCHED_VERSION = 'v1.5.1';
/** Older servers lack what Sync uses, such as the details that a workflow shows of itself. */
const LEAST_SERVER = [1, 27] as const;
const DOWNLOAD_SITE = 'https://temporal.download/';
const ADVICE =
  'Install the Temporal CLI (https://docs.temporal.io/cli, for example "brew install temporal"), or Go (https://go.dev/dl/), ' +
  'or set TEMPORAL_ADDRESS to a Temporal server that you have; then start again.';

/**
 * Finds the program that serves Temporal on one machine, or gets it.
 * @param toolsDir folder for what is fetched; kept between starts
 * @param signal ends a build that is under way
 * @throws ToolMissingError that says what to install
 */
export function findTemporal(toolsDir: string, say: Say, signal?: AbortSignal): Promise<string> {
  const binDir = join(toolsDir, 'bin');
  const rungs: Rung[] = [
    {
      way: '`temporal` on the PATH',
      attempt: async () => accepted(await onPath('temporal')),
    },
    { way: 'fetched earlier', attempt: async () => accepted(await fetchedEarlier(binDir)) },
    { way: "the SDK's download", attempt: () => downloadBySdk(binDir) },
    { way: `go install ${FETCHED_VERSION}`, attempt: () => buildWithGo(binDir, say, signal) },
  ];
  return climb('Temporal server', rungs, ADVICE, say);
}

/** A dev server on the loopback address, with its Web UI, and a file that keeps everything. */
export function temporalCommand(
  program: string,
  { file, namespace, port, uiPort }: { file: string; namespace: string; port: number; uiPort?: number },
): PartCommand {
  return {
    program,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
      ...(uiPort === undefined ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
      ...['--db-filename', file, '--log-level', 'warn'],
      // three times as many activities a second as with SQLite's own settings; a killed server loses nothing
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ],
  };
}

type Attempt = Awaited<ReturnType<Rung['attempt']>>;

/** Takes a program that runs and is new enough. */
async function accepted(path: string | undefined): Promise<Attempt> {
  if (path === undefined) return { missing: 'not there' };
  // a build by Go does not know the version of the CLI, but that of the server in it
  const version = /Server (\d+)\.(\d+)/.exec(await outputOf(path, ['--version']));
  if (!version) return { missing: `${path} does not say which server it has` };
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const isNewEnough = major > LEAST_SERVER[0] || (major === LEAST_SERVER[0] && minor >= LEAST_SERVER[1]);
  return isNewEnough ? { path } : { missing: `${path} is too old, server ${LEAST_SERVER.join('.')} is needed` };
}

/** In the project's own folder, or where `go install` puts programs. */
async function fetchedEarlier(binDir: string): Promise<string | undefined> {
  const own = await executableIn(binDir);
  if (own) return own;
  const go = await onPath('go');
  if (!go) return undefined;
  const installed = join(await outputOf(go, ['env', 'GOPATH']), 'bin', 'temporal');
  return (await isExecutable(installed)) ? installed : undefined;
}

/** The SDK names its download after the version, Go names its build `temporal`. */
async function executableIn(binDir: string): Promise<string | undefined> {
  await mkdir(binDir, { recursive: true });
  for (const name of (await readdir(binDir)).sort()) {
    if (/^temporal(-cli.*)?$/.test(name) && (await isExecutable(join(binDir, name)))) return join(binDir, name);
  }
  return undefined;
}

async function downloadBySdk(binDir: string): Promise<Attempt> {
  if (!(await isReachable(DOWNLOAD_SITE))) return { missing: `${DOWNLOAD_SITE} cannot be reached from here` };
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const executable = { type: 'cached-download', downloadDir: binDir, version: FETCHED_VERSION } as const;
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
  return accepted(await executableIn(binDir));
}

async function buildWithGo(binDir: string, say: Say, signal: AbortSignal | undefined): Promise<Attempt> {
  const go = await onPath('go');
  if (!go) return { missing: 'Go is not there' };
  say('Temporal server: building it with Go, once; this takes about three minutes on two cores');
  await runLong(go, ['install', '-v', `github.com/temporalio/cli/cmd/temporal@${FETCHED_VERSION}`], {
    env: { GOBIN: binDir },
    ...(signal ? { signal } : {}),
    progress: (packages, seconds) => say(`Temporal server: built ${packages} packages so far, ${seconds} s`),
  });
  return accepted(join(binDir, 'temporal'));
}
