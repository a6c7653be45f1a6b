import { statfs } from 'node:fs/promises';
import type { Logger } from 'pino';

/**
 * Tells how many bytes are free on the disk that holds a folder.
 * @param folder where the database lies, if that is known and on this machine
 * @returns asks; null where it cannot be known, which is logged once
 */
export function freeSpaceOf(folder: string | undefined, log: Logger): () => Promise<number | null> {
  let isTold = false;
  return async () => {
    if (folder === undefined) return null;
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch (error) {
      if (!isTold) log.warn({ err: error }, 'cannot tell the free space of the database; runs do not look for it');
      isTold = true;
      return null;
    }
  };
}
