import { z } from 'zod';
import type { Limits, RecordResult, Settlement, WriteBatch, WriteHandle, WriteRecord } from '../connector';
import { ConnectorError } from '../connector-error';
import { pause } from '../pause';
import { BulkFile } from './bulk-file';
import {
  abort,
  createJob,
  hasEnded,
  type IngestJob,
  jobState,
  resultsOf,
  setState,
  upload,
  wholeRefusal,
} from './bulk-ingest';
import type { SalesforceClient } from './client';
import { MOST_RECORDS, writeCollections } from './collections';
import { errorOfCode } from './errors';
import { KEYS_PER_CALL } from './lookup';
import { settleInserts } from './settle-inserts';
import type { SalesforceTuning } from './tuning';
import { refusedBeforehand, refusedInBulk } from './unsendable';

/** A run that is stopped waits so long for what its job has begun; the rest is asked for later. */
const STOP_MS = 8_000;
const LONGEST_ASK_MS = 5 * 60_000;

/** To make a job, upload, close, look twice as a rule, and read a file of results. */
const CALLS_OF_JOB = 6;
/** A job is looked at so much later for each thousand of its records: sooner it is never through. */
const FIRST_POLL_MS_PER_THOUSAND = 40;
/** Usual times: a request of 200 records; a job until it is taken up, and for each thousand of its records. */
const REQUEST_SECONDS = 1.5;
const JOB_SECONDS = 4;
const JOB_SECONDS_PER_THOUSAND = 1.2;

const STORAGE_FULL = 'STORAGE_LIMIT_EXCEEDED';

const bulkHandle = z.object({ jobId: z.string().regex(/^[A-Za-z0-9]{15,18}$/) });

export function limitsOf(tuning: SalesforceTuning): Limits {
  return {
    // a job pays for many only; what is created always goes by a job, since that can be asked about later
    batchSize: (operation, remaining) =>
      operation !== 'create' && remaining < tuning.bulkFrom ? MOST_RECORDS : tuning.jobRecords,
    batchBytes: tuning.jobBytes,
    batchesAtOnce: tuning.batchesAtOnce,
    partsAtOnce: 1,
    lookupKeys: KEYS_PER_CALL,
    lookupsAtOnce: 3,
    lookupCalls: 1,
    callsPerSecond: null,
    costsOfBatch: (operation, records) =>
      operation !== 'create' && records <= MOST_RECORDS
        ? { calls: 1, seconds: REQUEST_SECONDS }
        : { calls: CALLS_OF_JOB, seconds: JOB_SECONDS + (records / 1_000) * JOB_SECONDS_PER_THOUSAND },
  };
}

/** What a batch holds that is refused here: of what is created, also what a bulk file cannot say. */
export function refusals(batch: WriteBatch): (RecordResult | null)[] {
  const isInBulk = batch.operation === 'create' && !batch.options.allowDuplicates;
  return isInBulk ? planBulk(batch).refused : batch.records.map((record) => refusedBeforehand(record, batch));
}

/** Whether a batch is written by a bulk job. Alert-only duplicate rules can be passed in collection requests alone. */
export const goesByJob = ({ operation, options, records }: WriteBatch): boolean =>
  !options.allowDuplicates && (operation === 'create' || records.length > MOST_RECORDS);

/** Writes by bulk jobs where their identity or their size pays, else by collection requests. */
export class Writer {
  constructor(
    private readonly client: SalesforceClient,
    private readonly tuning: SalesforceTuning,
  ) {}

  async prepare(batch: WriteBatch, signal: AbortSignal): Promise<WriteHandle | null> {
    if (!goesByJob(batch)) return null;
    try {
      return { jobId: await createJob(this.client, batch, { signal }) };
    } catch (error) {
      if (error instanceof ConnectorError && error.code.toUpperCase() === 'INVALIDENTITY') return null;
      throw error;
    }
  }

  async write(batch: WriteBatch, handle: WriteHandle | null, signal: AbortSignal): Promise<RecordResult[]> {
    return this.unlessFull(await this.writeBy(batch, handle, signal));
  }

  /** @throws ConnectorError for a person where the organisation has no room for any record: the next batch would find none either */
  private unlessFull(results: RecordResult[]): RecordResult[] {
    const isFull = (result: RecordResult) => result.result === 'again' && result.code === STORAGE_FULL;
    if (results.length === 0 || !results.every(isFull)) return results;
    throw errorOfCode(STORAGE_FULL, '', { status: 400, isWrite: true, now: this.client.deps.now() });
  }

  private async writeBy(batch: WriteBatch, handle: WriteHandle | null, signal: AbortSignal): Promise<RecordResult[]> {
    if (!handle) return writeCollections(this.client, batch, batch.records, signal);
    const { jobId } = bulkHandle.parse(handle);
    const plan = planBulk(batch);
    // an update can be repeated, so what a bulk file cannot say is sent first, on its own, and all of it again where an answer is lost
    const aside = await withoutAnswers(writeCollections(this.client, batch, recordsAt(batch, plan.asideAt), signal));
    const job = plan.bulkAt.length > 0 ? this.writeJob(batch, jobId, plan.bulkAt, signal) : Promise.resolve([]);
    // where the job is refused, what went before it has been applied all the same
    const written = await (aside.length > 0 ? leavingOpen(job) : job);
    return resultsInPlace(plan, aside, written);
  }

  /** @param places of the batch's records that go by the job: records themselves are not held while it is waited for */
  private async writeJob(
    batch: WriteBatch,
    jobId: string,
    places: readonly number[],
    signal: AbortSignal,
  ): Promise<RecordResult[]> {
    const makeFile = () => new BulkFile(batch, recordsAt(batch, places));
    try {
      return await this.runJob(batch, jobId, makeFile, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      const results = await this.stopped(batch, jobId, makeFile);
      if (results) return results;
      throw signal.reason;
    }
  }

  /** Uploads the data, closes the job and waits for its end. From the upload on an error says nothing of what became of the data. */
  private async runJob(
    batch: WriteBatch,
    jobId: string,
    makeFile: () => BulkFile,
    signal: AbortSignal,
  ): Promise<RecordResult[]> {
    const records = await this.send(jobId, makeFile(), signal);
    const whileAwaited = batch.whileAwaited ?? ((work) => work());
    const job = await leavingOpen(whileAwaited(() => this.untilEnd(jobId, records, signal)));
    const refusal = wholeRefusal(this.client, job);
    if (refusal) throw refusal;
    return leavingOpen(resultsOf(this.client, jobId, job, makeFile(), batch, { signal }));
  }

  /** @returns how many records the job has */
  private async send(jobId: string, file: BulkFile, signal: AbortSignal): Promise<number> {
    const options = { signal, isWrite: true };
    await upload(this.client, jobId, file.text, options);
    await leavingOpen(setState(this.client, jobId, 'UploadComplete', options));
    return file.records.length;
  }

  private async untilEnd(jobId: string, records: number, signal: AbortSignal): Promise<IngestJob> {
    const until = this.client.deps.now() + this.tuning.patienceMs;
    const firstMs = this.tuning.firstPollMs + (records / 1_000) * FIRST_POLL_MS_PER_THOUSAND;
    for (let waitMs = firstMs; ; waitMs = Math.min(waitMs * 2, this.tuning.longestPollMs)) {
      await pause(waitMs, signal);
      const job = await jobState(this.client, jobId, { signal });
      if (!job) throw new ConnectorError('The bulk job is gone before it ended.', 'JOB_GONE', { retry: 'soon' });
      if (hasEnded(job)) return job;
      if (this.client.deps.now() >= until) {
        throw new ConnectorError('The bulk job takes longer; Sync asks for it later.', 'JOB_IN_PROGRESS', {
          retry: 'after',
          delayMs: this.tuning.longestPollMs,
        });
      }
    }
  }

  /** Aborts a job and reads what it did before; null when that takes too long or fails, so that it is asked about later. */
  private async stopped(batch: WriteBatch, jobId: string, makeFile: () => BulkFile): Promise<RecordResult[] | null> {
    const signal = AbortSignal.timeout(STOP_MS);
    try {
      await abort(this.client, jobId, { signal });
      const job = await this.untilEnd(jobId, 0, signal);
      return await resultsOf(this.client, jobId, job, makeFile(), batch, { signal });
    } catch {
      return null; // the batch stays in doubt, and whoever settles it asks again
    }
  }

  async settle(batch: WriteBatch, handle: WriteHandle | null, signal: AbortSignal): Promise<Settlement> {
    if (!handle) {
      // an update or a deletion by Id can be repeated
      return batch.operation === 'create' ? settleInserts(this.client, batch, signal) : { mayBeRepeated: true };
    }
    const { jobId } = bulkHandle.parse(handle);
    let job = await jobState(this.client, jobId, { signal });
    if (job?.state === 'Open') {
      await abort(this.client, jobId, { signal });
      job = await jobState(this.client, jobId, { signal });
    }
    if (!job) return batch.operation === 'create' ? settleInserts(this.client, batch, signal) : { mayBeRepeated: true };
    if (!hasEnded(job)) return { askAgainAt: this.nextAsk(batch) };
    if (job.state !== 'JobComplete' && job.numberRecordsProcessed === 0) {
      // what went aside was sent before the job's data
      return planBulk(batch).asideAt.length > 0 ? { mayBeRepeated: true } : { notReceived: true };
    }
    return { results: await this.settledResults(batch, jobId, job, signal) };
  }

  private async settledResults(
    batch: WriteBatch,
    jobId: string,
    job: IngestJob,
    signal: AbortSignal,
  ): Promise<RecordResult[]> {
    const plan = planBulk(batch);
    const file = new BulkFile(batch, recordsAt(batch, plan.bulkAt));
    const written = await resultsOf(this.client, jobId, job, file, batch, { signal });
    const aside = plan.asideAt.map(() => ASIDE_AGAIN);
    return resultsInPlace(plan, aside, written);
  }

  /** Later and later: a quarter of the time that the job has taken so far. */
  private nextAsk({ sentAt }: WriteBatch): string {
    const now = this.client.deps.now();
    const ageMs = sentAt === null ? 0 : now - Date.parse(sentAt);
    return new Date(now + Math.min(Math.max(ageMs / 4, this.tuning.longestPollMs), LONGEST_ASK_MS)).toISOString();
  }
}

async function leavingOpen<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    throw new ConnectorError(error.message, error.code, error.advice, { answerLost: true });
  }
}

/** Leaves it open what became of all records where it is open for some. */
async function withoutAnswers<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ConnectorError) || !error.answers) throw error;
    throw new ConnectorError(error.message, error.code, error.advice, { answerLost: true });
  }
}

const ASIDE_AGAIN: RecordResult = {
  result: 'again',
  code: 'NO_RESULT',
  message: 'The answer for the record was lost; the update is repeated.',
};

const complete = (result: RecordResult | null): RecordResult =>
  result ?? { result: 'inDoubt', message: 'Salesforce gave no result for the record.' };

/** Which records of a batch a bulk file can carry, by their places; always the same for the same batch. */
interface BulkPlan {
  refused: (RecordResult | null)[];
  bulkAt: number[];
  asideAt: number[];
}

function planBulk(batch: WriteBatch): BulkPlan {
  const plan: BulkPlan = { refused: [], bulkAt: [], asideAt: [] };
  batch.records.forEach((record, place) => {
    const unsayable = refusedInBulk(record);
    const goesAside = unsayable !== null && batch.operation === 'update';
    const refusal = refusedBeforehand(record, batch) ?? (goesAside ? null : unsayable);
    plan.refused.push(refusal);
    if (refusal) return;
    (goesAside ? plan.asideAt : plan.bulkAt).push(place);
  });
  return plan;
}

const recordsAt = ({ records }: WriteBatch, places: readonly number[]): WriteRecord[] =>
  places.flatMap((place) => records[place] ?? []);

/** One result for each record of a batch. @param aside results of what went aside, @param written of what went by the job */
function resultsInPlace(
  { refused, bulkAt, asideAt }: BulkPlan,
  aside: readonly RecordResult[],
  written: readonly RecordResult[],
): RecordResult[] {
  const results = [...refused];
  asideAt.forEach((place, index) => {
    results[place] = aside[index] ?? null;
  });
  bulkAt.forEach((place, index) => {
    results[place] = written[index] ?? null;
  });
  return results.map(complete);
}
