import { z } from 'zod';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';
import { unreadableAnswer } from './errors';
import type { ExportWindow } from './time-span';

/** Exactly one filter per export (Marketo developer guide, "Bulk lead extract"). */
export const exportFilter = z.union([
  z.strictObject({ createdAt: z.strictObject({ startAt: z.string(), endAt: z.string() }) }),
  z.strictObject({ updatedAt: z.strictObject({ startAt: z.string(), endAt: z.string() }) }),
  z.strictObject({ staticListId: z.number() }),
  z.strictObject({ programId: z.number() }),
]);
export type ExportFilter = z.output<typeof exportFilter>;

export const windowFilter = (field: 'createdAt' | 'updatedAt', window: ExportWindow): ExportFilter =>
  field === 'createdAt' ? { createdAt: window } : { updatedAt: window };

const jobAnswer = z.object({
  exportId: z.string(),
  status: z.string(),
  fileSize: z.number().optional(),
  numberOfRecords: z.number().optional(),
  /** `sha256:` and 64 hexadecimal digits. */
  fileChecksum: z.string().optional(),
  errorMsg: z.string().optional(),
});
export type ExportJob = z.output<typeof jobAnswer>;

/** The calls of bulk extract for one object. */
export class ExportJobs {
  /** @param object `leads`, `customobjects/{apiName}` or `program/members` */
  constructor(
    private readonly client: MarketoClient,
    private readonly object: string,
  ) {}

  filePath(exportId: string): string {
    return `${this.base}/${encodeURIComponent(exportId)}/file.json`;
  }

  /** Makes a job; it waits until it is started, and holds no place in the queue. @returns its id */
  async create(fields: readonly string[], filter: ExportFilter, signal: AbortSignal): Promise<string> {
    const call = {
      what: 'make an export',
      path: `${this.base}/create.json`,
      json: JSON.stringify({ format: 'CSV', fields, filter }),
    };
    const { items } = await this.client.list(call, jobAnswer, signal);
    const [job] = items;
    if (!job) throw unreadableAnswer('it holds no job', { what: call.what, isWrite: false });
    return job.exportId;
  }

  /** @returns false while the queue, which all integrations share, is full */
  async enqueue(exportId: string, signal: AbortSignal): Promise<boolean> {
    const call = { what: 'start an export', path: this.pathOf(exportId, 'enqueue'), method: 'POST' as const };
    try {
      await this.client.list(call, z.unknown(), signal);
      return true;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== '1029') throw error;
      // an earlier call was applied although its answer was lost
      if (/already queued/i.test(error.message)) return true;
      if (error.advice.retry === 'whenQuotaResets') throw error;
      return false;
    }
  }

  /** @returns null for a job that is not there any more, or belongs to another API user */
  async status(exportId: string, signal: AbortSignal): Promise<ExportJob | null> {
    const call = { what: 'look at an export', path: this.pathOf(exportId, 'status') };
    try {
      const { items } = await this.client.list(call, jobAnswer, signal);
      return items[0] ?? null;
    } catch (error) {
      if (error instanceof ConnectorError && (error.code === '1013' || error.code === 'HTTP_404')) return null;
      throw error;
    }
  }

  private get base(): string {
    return `/bulk/v1/${this.object}/export`;
  }

  private pathOf(exportId: string, action: string): string {
    return `${this.base}/${encodeURIComponent(exportId)}/${action}.json`;
  }
}
