import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundlePath } from '@temporalio/worker';
import { fromSetUp, SERVICE_VARIABLES } from './service-variables';

/** Bundles the workflow code of the checkout, once for all workers of a test run. @returns the file */
export async function bundleWorkflows(folder: string): Promise<string> {
  const workflowsPath = require.resolve('../../workflows');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const file = join(folder, 'workflow-bundle.js');
  await writeFile(file, code);
  return file;
}

/** What the set-up has bundled. */
export const workflowBundle = (): WorkflowBundlePath => ({ codePath: fromSetUp(SERVICE_VARIABLES.workflowBundle) });

/** A release that does not know what runs: its executions go through each phase twice. */
export async function incompatibleBundle(): Promise<WorkflowBundlePath> {
  const code = await readFile(workflowBundle().codePath, 'utf8');
  const wrong = code.replace(/await run\.throughPhase\(phase\);/, (once) => `${once} ${once}`);
  if (wrong === code) throw new Error('The loop over the phases is not where it was: see workflows/execution.ts.');
  const codePath = join(await mkdtemp(join(tmpdir(), 'sync-release-')), 'workflow-bundle.js');
  await writeFile(codePath, wrong);
  return { codePath };
}
