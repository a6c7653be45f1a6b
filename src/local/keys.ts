import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { errorCode } from './error-code';

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * Reads a key from its file; at first start makes both. The file is complete or not there, whenever the process is killed.
 * @param make gives the text of a new key
 * @throws when others than the owner can read the file
 */
export async function readOrMakeKey(file: string, make: () => string): Promise<string> {
  const existing = await readKey(file);
  if (existing !== undefined) return existing;
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, `${make()}\n`, { mode: OWNER_ONLY, flag: 'w' });
  try {
    await link(unfinished, file);
  } catch (error) {
    // another start was faster: its key counts
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(unfinished);
  }
  const made = await readKey(file);
  if (made === undefined) throw new Error(`The key file ${file} was removed while Sync started`);
  return made;
}

async function readKey(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new Error(`Others can read the key in ${file}. Make it yours alone: chmod 600 '${file}'`);
    }
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** 32 random bytes in base64, as `SYNC_SECRET_KEY` takes them. */
export const newSecretKey = (): string => randomBytes(32).toString('base64');

/** 256 random bits with a beginning by which a scanner recognises it. */
export const newApiKey = (): string => `sync_local_${randomBytes(32).toString('base64url')}`;
