import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

/** Builds the web UI of the checkout. @returns the folder */
export async function buildWebUi(folder: string): Promise<string> {
  await promisify(execFile)(process.execPath, [resolve('scripts/build-web.mjs'), folder]);
  return folder;
}
