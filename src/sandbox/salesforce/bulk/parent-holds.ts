import type { RecordReference } from '../record-id';
import type { ParentLocks } from '../record-writer';

/** Which job holds which parent: each the parents of the chunk that it has written last. */
export interface ParentHolds {
  /** The job begins a chunk: what it has held before is free. */
  begin(job: number): ParentLocks;
  release(job: number): void;
}

export function createParentHolds(): ParentHolds {
  const holders = new Map<RecordReference, number>();
  const release = (job: number): void => {
    for (const [parent, holder] of holders) if (holder === job) holders.delete(parent);
  };
  return {
    release,
    begin(job) {
      release(job);
      return {
        hold(parent) {
          const holder = holders.get(parent);
          if (holder !== undefined && holder !== job) return false;
          holders.set(parent, job);
          return true;
        },
      };
    },
  };
}
