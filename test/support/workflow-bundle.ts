import { writeFile } from 'node:fs/promises';
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
