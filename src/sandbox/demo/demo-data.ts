import type { InstanceCore } from '../core';

/** Fills a pair of instances with people whom both know. */
export async function loadDemoData(_wanted: {
  salesforce: InstanceCore;
  marketo: InstanceCore;
  people: number;
  seed: number;
}): Promise<void> {}
