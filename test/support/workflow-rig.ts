import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import type { Schedule } from '../../src/domain/definition';
import type { execution, preview, sync } from '../../workflows';
import { previewWorkflowId, syncWorkflowId } from '../../workflows/messages';
import { FakeActivities, type Script } from './fake-activities';
import { replayProblems, toKept } from './histories';
import { quietenTemporal } from './quiet-temporal';
import { startTimeSkipping } from './time-skipping';
import { workflowBundle } from './workflow-bundle';

quietenTemporal();

type TestWorkerOptions = Pick<
  WorkerOptions,
  'taskQueue' | 'activities' | 'interceptors' | 'maxCachedWorkflows' | 'debugMode'
>;

/** A Temporal server in which months pass in seconds, and our workflow code. */
export class WorkflowRig {
  private constructor(readonly environment: TestWorkflowEnvironment) {}

  static async start(): Promise<WorkflowRig> {
    return new WorkflowRig(await startTimeSkipping());
  }

  stop = (): Promise<void> => this.environment.teardown();

  /**
   * The server's time in milliseconds. It is of use while a workflow is open: once its result is there, nothing may hold the time, and
   * the server may have gone on by years.
   */
  now = (): Promise<number> => this.environment.currentTimeMs();

  /** The present time of the server, so many hours on, as ISO 8601. */
  inHours = async (hours: number): Promise<string> => new Date((await this.now()) + hours * 3_600_000).toISOString();

  /** Lets a workflow of a sync run as long as the test works with it. @returns what its activities were asked */
  async withSync(
    given: { schedule?: Schedule; script?: Script },
    work: (handle: WorkflowHandle<typeof sync>, fake: FakeActivities) => Promise<void>,
  ): Promise<FakeActivities> {
    const fake = new FakeActivities(this.now, given.schedule, given.script);
    fake.activatedAt = await this.inHours(0);
    const syncId = randomUUID();
    await this.withWorker(fake, async (taskQueue) => {
      const handle = await this.environment.client.workflow.start<typeof sync>('sync', {
        taskQueue,
        workflowId: syncWorkflowId(syncId),
        args: [{ syncId, activation: 1, searchable: false }],
      });
      await work(handle, fake);
    });
    return fake;
  }

  /** The same for the workflow of one execution alone, which is replayed in the end: another worker decides as this one did. */
  async withExecution(
    script: Script,
    work: (handle: WorkflowHandle<typeof execution>, fake: FakeActivities) => Promise<void>,
  ): Promise<FakeActivities> {
    const fake = new FakeActivities(this.now, { type: 'now' }, script);
    await this.withWorker(fake, async (taskQueue) => {
      const handle = await this.environment.client.workflow.start<typeof execution>('execution', {
        taskQueue,
        workflowId: `execution/${randomUUID()}`,
        args: [{ syncId: 'sync', executionId: '1', searchable: false }],
      });
      await work(handle, fake);
      const history = await handle.fetchHistory();
      expect(await replayProblems([toKept(handle.workflowId, history)])).toEqual({});
    });
    return fake;
  }

  /** The same for the workflow of a preview. */
  async withPreview(
    script: Script,
    work: (handle: WorkflowHandle<typeof preview>, fake: FakeActivities) => Promise<void>,
  ): Promise<FakeActivities> {
    const fake = new FakeActivities(this.now, { type: 'now' }, script);
    await this.withWorker(fake, async (taskQueue) => {
      const handle = await this.environment.client.workflow.start<typeof preview>('preview', {
        taskQueue,
        workflowId: previewWorkflowId(randomUUID()),
        args: [{ executionId: '1', sampling: { above: 10, records: 5 }, searchable: false }],
      });
      await work(handle, fake);
    });
    return fake;
  }

  private withWorker(fake: FakeActivities, work: (taskQueue: string) => Promise<void>): Promise<void> {
    const taskQueue = `test-${randomUUID()}`;
    // workflows in this thread: one of their own takes a second to start, which is more than most tests need
    const options = { taskQueue, activities: fake.activities(), debugMode: true };
    return this.withWorkerOf(options, () => work(taskQueue));
  }

  /** Works while a worker does what workflows ask for. */
  async withWorkerOf<T>(options: TestWorkerOptions, work: () => Promise<T>): Promise<T> {
    return (await this.createWorker(options)).runUntil(work);
  }

  /** A worker that is still to be run. */
  createWorker(options: TestWorkerOptions): Promise<Worker> {
    return Worker.create({
      connection: this.environment.nativeConnection,
      workflowBundle: workflowBundle(),
      maxHeartbeatThrottleInterval: '100 milliseconds',
      defaultHeartbeatThrottleInterval: '100 milliseconds',
      ...options,
    });
  }
}
