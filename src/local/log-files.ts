import { copyFile, mkdir, open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** A part's log is set aside at this size; one older piece is kept. */
const MAX_LOG_BYTES = 50_000_000;

/** The files that hold what the parts write, one for each part. */
export class LogFiles {
  constructor(readonly folder: string) {}

  pathOf(part: string): string {
    return join(this.folder, `${part}.log`);
  }

  /** Runs `work` with the part's log open for appending; a process that is started meanwhile may keep writing to it. */
  async withOpen<T>(part: string, work: (descriptor: number) => T): Promise<T> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = await open(this.pathOf(part), 'a', 0o600);
    try {
      return work(file.fd);
    } finally {
      await file.close();
    }
  }

  /** Sets a grown log aside. Parts append to an open file, so it is copied and emptied, not renamed. */
  async setAsideIfLarge(part: string): Promise<void> {
    const path = this.pathOf(part);
    const size = await stat(path).then(
      (found) => found.size,
      () => 0, // not written yet
    );
    if (size < MAX_LOG_BYTES) return;
    await copyFile(path, `${path}.1`);
    await truncate(path);
  }

  /** The last lines of a part's log, to show why it ended. */
  async tail(part: string, lines: number): Promise<string> {
    const file = await open(this.pathOf(part), 'r');
    try {
      const { size } = await file.stat();
      const length = Math.min(size, 16_384);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } finally {
      await file.close();
    }
  }
}
