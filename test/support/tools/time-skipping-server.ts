import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { climb, isExecutable, isReachable, type Rung, runLong, type Say } from '../../../src/local/tool-ladder';
import { programOrPackages } from './system-packages';

const TOOL = 'Time-skipping Temporal server';
const DOWNLOAD_SITE = 'https://temporal.download/';
/** The server as Temporal publishes it for Java, and the logging library that it expects. */
const ARTIFACTS = ['io.temporal:temporal-test-server:1.32.0', 'ch.qos.logback:logback-classic:1.2.13'];
const MAIN_CLASS = 'io.temporal.testserver.TestServer';

/**
 * Finds or gets the server that lets months of timers pass in seconds.
 * @returns path of a program, to be given to `TestWorkflowEnvironment.createTimeSkipping` as an `existing-path`
 */
export function findTimeSkippingServer(toolsDir: string, say: Say): Promise<string> {
  const folder = join(toolsDir, 'temporal-test-server');
  const rungs: Rung[] = [
    {
      way: 'fetched earlier',
      attempt: async () => {
        const path = await executableIn(folder);
        return path === undefined ? { missing: 'not there' } : { path };
      },
    },
    { way: "the SDK's download", attempt: () => downloadBySdk(folder) },
    { way: `Maven: ${ARTIFACTS.join(', ')}`, attempt: () => fetchByMaven(folder, say) },
  ];
  return climb(
    TOOL,
    rungs,
    'Install Java 11 or later and Maven (for example "apt-get install default-jre-headless maven").',
    say,
  );
}

async function executableIn(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    if (/^temporal-test-server/.test(name) && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

async function downloadBySdk(folder: string): ReturnType<Rung['attempt']> {
  if (!(await isReachable(DOWNLOAD_SITE))) return { missing: `${DOWNLOAD_SITE} cannot be reached from here` };
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  await mkdir(folder, { recursive: true });
  const executable = { type: 'cached-download', downloadDir: folder } as const;
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  await environment.teardown();
  const path = await executableIn(folder);
  return path === undefined ? { missing: 'the download did not come' } : { path };
}

/** The SDK gives the server five seconds to start; these more than halve what Java takes. */
const QUICK_START = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto';

async function fetchByMaven(folder: string, say: Say): ReturnType<Rung['attempt']> {
  const java = await programOrPackages('java', ['default-jre-headless'], say);
  const maven = await programOrPackages('mvn', ['maven'], say);
  const project = await mkdtemp(join(tmpdir(), 'sync-maven-'));
  const unfinished = `${folder}.${process.pid}`;
  try {
    await writeFile(join(project, 'pom.xml'), projectFile());
    await runLong(
      maven,
      ['-B', 'dependency:copy-dependencies', `-DoutputDirectory=${join(unfinished, 'lib')}`, '-DincludeScope=runtime'],
      { cwd: project, progress: (_lines, seconds) => say(`${TOOL}: Maven has worked for ${seconds} s`) },
    );
    const program = join(unfinished, 'temporal-test-server');
    await writeFile(join(unfinished, 'logback.xml'), '<configuration><root level="OFF"/></configuration>\n');
    await writeFile(
      program,
      `#!/bin/sh\nhere=$(dirname "$0")\nexec '${java}' ${QUICK_START} -cp "$here:$here/lib/*" ${MAIN_CLASS} "$@"\n`,
    );
    await chmod(program, 0o755);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    return { path: join(folder, 'temporal-test-server') };
  } finally {
    await rm(project, { recursive: true, force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

function projectFile(): string {
  const dependencies = ARTIFACTS.map((artifact) => {
    const [group, name, version] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sync</groupId><artifactId>test-tools</artifactId><version>1</version>
  <dependencies>${dependencies.join('')}</dependencies>
</project>
`;
}
