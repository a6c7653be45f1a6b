import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isGrpcServiceError, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import { z } from 'zod';
import {
  type ExecutionInput,
  executionWorkflowId,
  lookAgain,
  type PreviewInput,
  previewWorkflowId,
  resumeExecution,
  type SyncInput,
  stopExecution,
  stopPreview,
  syncWorkflowId,
  type WishArgument,
} from '../../workflows/messages';
import { labelAttributes, syncPhaseKey } from '../../workflows/search-attributes';
import { summary } from '../../workflows/summary';
import { type WebhookInput, wakeWebhook, webhookWorkflowId } from '../../workflows/webhook-messages';
import { isFollowUp, type Trigger } from '../domain/outcome';
import type { WishKind } from '../domain/sync-status';
import type { FollowUpStart, PreviewStart, SyncEngine, SyncStart } from './engine';

/** The task queue of workflows and activities. */
export const TASK_QUEUE = 'sync';

/** Longest that the API waits for Temporal; whatever did not get through is done by the worker's reconciliation. */
const DEADLINE_MS = 5_000;

const SEARCH_ATTRIBUTES = {
  SyncId: 2,
  SyncName: 2,
  SyncRoute: 2,
  SyncPhase: 2,
  SyncOutcome: 2,
  SyncFailed: 3,
} as const; // 2: keyword, 3: int

/** What a workflow is doing, as Temporal knows it. */
export type WorkflowStatus = 'running' | 'missing' | 'closed' | 'terminated';

/** What is known of a workflow that runs, without asking it. */
export interface RunningWorkflow {
  /** The activation that a sync's workflow was started for. */
  activation: number | null;
  /** As the search attribute `SyncPhase` says; null where Temporal does not know our attributes. */
  phase: string | null;
}

/** One that is found by a search. */
export interface ListedWorkflow extends RunningWorkflow {
  /** By Temporal's clock, as all moments that it lists. */
  startedAt: string;
}

/** The end of a workflow's run. */
export interface ClosedWorkflow {
  workflowId: string;
  runId: string;
  closedAt: string;
}

/** All other names of Temporal are of closed workflows. */
const STATUSES: Partial<Record<string, WorkflowStatus>> = {
  RUNNING: 'running',
  PAUSED: 'running',
  CONTINUED_AS_NEW: 'running',
  TERMINATED: 'terminated',
};

/** Temporal, as Sync uses it: starts, looks up and addresses the workflows of syncs. */
export class TemporalEngine implements SyncEngine {
  private searchable: { is: boolean; untilMs: number } | undefined;

  constructor(
    private readonly client: Client,
    private readonly taskQueue: string = TASK_QUEUE,
  ) {}

  async startSync(sync: SyncStart): Promise<void> {
    const searchable = await this.isSearchable();
    const input: SyncInput = { syncId: sync.syncId, activation: sync.activation, searchable };
    await this.withDeadline(() =>
      this.client.workflow.start('sync', {
        taskQueue: this.taskQueue,
        workflowId: syncWorkflowId(sync.syncId),
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        typedSearchAttributes: labelAttributes({ ...sync, searchable }) as SearchAttributePair[],
        staticSummary: summary(`${sync.name}: ${sync.scheduleInWords}`),
        staticDetails: `${sync.route}\n\n${sync.scheduleInWords}`,
        memo: { name: sync.name, route: sync.route, activation: sync.activation },
      }),
    );
  }

  /**
   * Has an execution brought to its end that no workflow cares for any more: what it sent is settled, the rest is skipped. Safe to
   * repeat: a workflow of it that runs is told to cancel.
   */
  async endExecution(execution: {
    syncId: string;
    executionId: string;
    number: number;
    trigger: Trigger;
  }): Promise<void> {
    const { syncId, executionId, number, trigger } = execution;
    const searchable = await this.isSearchable();
    const input: ExecutionInput = { syncId, executionId, searchable };
    await this.withDeadline(() =>
      this.client.workflow.signalWithStart(isFollowUp(trigger) ? trigger : 'execution', {
        taskQueue: this.taskQueue,
        workflowId: executionWorkflowId(syncId, number),
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        signal: stopExecution,
        signalArgs: [{ kind: 'cancel' }],
        staticSummary: summary(`Execution ${number}: settle what was sent, and end`),
      }),
    );
  }

  async startFollowUp({ executionId, syncId, number, trigger, name, route }: FollowUpStart): Promise<void> {
    const searchable = await this.isSearchable();
    const input: ExecutionInput = { syncId, executionId, searchable };
    await this.withDeadline(() =>
      this.client.workflow.start(trigger, {
        taskQueue: this.taskQueue,
        workflowId: executionWorkflowId(syncId, number),
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        typedSearchAttributes: labelAttributes({ syncId, name, route, searchable }) as SearchAttributePair[],
        staticSummary: summary(`${name}: execution ${number} (${trigger})`),
        staticDetails: route,
        memo: { name, route, syncId },
      }),
    );
  }

  async stopFollowUp({ syncId, number }: Pick<FollowUpStart, 'syncId' | 'number'>): Promise<void> {
    const handle = this.client.workflow.getHandle(executionWorkflowId(syncId, number));
    await this.unlessEnded(() => handle.signal(stopExecution, { kind: 'cancel' }));
  }

  async startPreview(preview: PreviewStart): Promise<void> {
    const { previewId, syncId, name, route, sampling } = preview;
    const searchable = await this.isSearchable();
    const input: PreviewInput = { executionId: previewId, sampling, searchable };
    await this.withDeadline(() =>
      this.client.workflow.start('preview', {
        taskQueue: this.taskQueue,
        workflowId: previewWorkflowId(previewId),
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        typedSearchAttributes: labelAttributes({ syncId, name, route, searchable }) as SearchAttributePair[],
        staticSummary: summary(`${name}: preview`),
        staticDetails: `${route}\n\nIt writes nothing to any system.`,
        memo: { name, route, syncId },
      }),
    );
  }

  async stopPreview(previewId: string): Promise<void> {
    await this.unlessEnded(() => this.client.workflow.getHandle(previewWorkflowId(previewId)).signal(stopPreview));
  }

  /** Tells the workflow of a webhook that events wait, and starts it where it does not run. Safe to repeat. */
  async wakeWebhook(webhookId: string): Promise<void> {
    const input: WebhookInput = { webhookId };
    await this.withDeadline(() =>
      this.client.workflow.signalWithStart('webhook', {
        taskQueue: this.taskQueue,
        workflowId: webhookWorkflowId(webhookId),
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        signal: wakeWebhook,
        staticSummary: summary('Send events to a webhook'),
        staticDetails: 'It ends when nothing waits. What is sent, and what became of it, is in the log of deliveries.',
      }),
    );
  }

  async readiness(): Promise<{ temporal: boolean; worker: boolean }> {
    try {
      const { pollers } = await this.withDeadline(() =>
        this.client.workflowService.describeTaskQueue({
          namespace: this.client.options.namespace,
          taskQueue: { name: this.taskQueue },
          taskQueueType: 1, // workflow
        }),
      );
      const fresh = Date.now() - POLLER_FRESH_MS;
      const isFresh = (seconds: unknown) => Number(seconds ?? 0) * 1_000 > fresh;
      return { temporal: true, worker: (pollers ?? []).some((poller) => isFresh(poller.lastAccessTime?.seconds)) };
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      return { temporal: false, worker: false };
    }
  }

  /**
   * What runs on our task queue, by the ids of the workflows. It comes from what Temporal keeps for searching, which may lag by
   * moments: whether a workflow that is missing here is gone, `look` tells.
   * @param startedSince null: all; else without the syncs that sleep until their next run, unless they were started after this moment
   */
  async running(startedSince: string | null): Promise<Map<string, ListedWorkflow>> {
    const { name: phase } = syncPhaseKey;
    const awake = `${phase} IS NULL OR ${phase} != 'sleeping' OR StartTime > '${startedSince}'`;
    const query = `ExecutionStatus = 'Running'${startedSince === null ? '' : ` AND (${awake})`}`;
    const found = new Map<string, ListedWorkflow>();
    for await (const { execution, memo, searchAttributes, startTime } of this.listed(query))
      found.set(execution?.workflowId ?? '', {
        activation: plainOf(memo?.fields?.activation, z.int()),
        phase: plainOf(searchAttributes?.indexedFields?.[phase], z.string()),
        startedAt: isoOf(startTime),
      });
    return found;
  }

  /**
   * Workflows of syncs that have come to an end, other than by going on as a new run.
   * @param since null: the last one alone
   */
  async closedSyncs(since: string | null): Promise<ClosedWorkflow[]> {
    const closed = `WorkflowType = 'sync' AND ExecutionStatus != 'Running' AND ExecutionStatus != 'ContinuedAsNew'`;
    const found: ClosedWorkflow[] = [];
    for await (const { execution, closeTime } of this.listed(closed + (since ? ` AND CloseTime > '${since}'` : ''))) {
      const { workflowId, runId } = execution ?? {};
      found.push({ workflowId: workflowId ?? '', runId: runId ?? '', closedAt: isoOf(closeTime) });
      // the newest come first
      if (since === null) break;
    }
    return found;
  }

  /** What a query of Temporal finds on our task queue. */
  private async *listed(query: string) {
    const { workflowService, options } = this.client;
    let nextPageToken: Uint8Array | undefined;
    do {
      const page = await this.withDeadline(() =>
        workflowService.listWorkflowExecutions({
          namespace: options.namespace,
          pageSize: LIST_PAGE,
          query: `TaskQueue = '${this.taskQueue}' AND ${query}`,
          ...(nextPageToken ? { nextPageToken } : {}),
        }),
      );
      yield* page.executions;
      nextPageToken = page.nextPageToken;
    } while (nextPageToken?.length);
  }

  /** Has the workflow of a sync read again what the database says. One that has ended needs no telling. */
  async askToLookAgain(syncId: string): Promise<void> {
    await this.unlessEnded(() => this.client.workflow.getHandle(syncWorkflowId(syncId)).signal(lookAgain));
  }

  /** Has an execution try again what it waits for. One that has ended needs no telling. */
  async resumeExecution({ syncId, number }: { syncId: string; number: number }): Promise<void> {
    const handle = this.client.workflow.getHandle(executionWorkflowId(syncId, number));
    await this.unlessEnded(() => handle.signal(resumeExecution));
  }

  /** Ends a workflow that works for what the database does not know. */
  async terminate(workflowId: string, why: string): Promise<void> {
    await this.unlessEnded(() => this.client.workflow.getHandle(workflowId).terminate(why));
  }

  /** What is known of a workflow, whether it runs or not; nothing but its status of one that is missing. */
  async look(workflowId: string): Promise<RunningWorkflow & { status: WorkflowStatus }> {
    try {
      const { status, memo, typedSearchAttributes } = await this.withDeadline(() =>
        this.client.workflow.getHandle(workflowId).describe(),
      );
      const activation = typeof memo?.activation === 'number' ? memo.activation : null;
      const phase = typedSearchAttributes.get(syncPhaseKey) ?? null;
      return { status: STATUSES[status.name] ?? 'closed', activation, phase };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { status: 'missing', activation: null, phase: null };
      throw error;
    }
  }

  /**
   * Delivers a wish as an update of the sync's workflow; delivering it twice has no further effect.
   * @throws WorkflowNotFoundError when no workflow runs; WorkflowUpdateFailedError when it refused;
   * WorkflowUpdateRPCTimeoutOrCancelledError when it did not answer in time
   */
  async deliver(wish: {
    wishId: string;
    syncId: string;
    activation: number;
    kind: WishKind;
    executionId: string | null;
    askedAt: string;
  }): Promise<void> {
    const handle: WorkflowHandle = this.client.workflow.getHandle(syncWorkflowId(wish.syncId));
    const { wishId, activation, askedAt, executionId } = wish;
    const argument: WishArgument = { wishId, activation, askedAt, ...(executionId ? { executionId } : {}) };
    await this.withDeadline(() => handle.executeUpdate(wish.kind, { args: [argument], updateId: wishId }));
  }

  /**
   * True when the server knows our search attributes: those that are missing are registered first, where that is permitted. Where they are
   * not known, it is looked again after a while, since somebody else may register them.
   */
  async isSearchable(): Promise<boolean> {
    if (this.searchable && (this.searchable.is || performance.now() < this.searchable.untilMs))
      return this.searchable.is;
    const is = await this.registerSearchAttributes();
    this.searchable = { is, untilMs: performance.now() + LOOK_AGAIN_MS };
    return is;
  }

  private async registerSearchAttributes(): Promise<boolean> {
    const operator = this.client.connection.operatorService;
    const { namespace } = this.client.options;
    const missing = async () => {
      const { customAttributes } = await this.withDeadline(() => operator.listSearchAttributes({ namespace }));
      return Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in (customAttributes ?? {})));
    };
    const toAdd = await missing();
    if (toAdd.length === 0) return true;
    try {
      await this.withDeadline(() =>
        operator.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(toAdd) }),
      );
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      if (MAY_NOT_REGISTER.has(error.code)) return false;
      // another process was faster
      if (error.code !== ALREADY_EXISTS) throw error;
    }
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      if ((await missing()).length === 0) return true;
      await sleep(LOOK_EVERY_MS);
    }
    return false;
  }

  private async unlessEnded(call: () => Promise<unknown>): Promise<void> {
    try {
      await this.withDeadline(call);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  private withDeadline<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return this.client.connection.withDeadline(Date.now() + DEADLINE_MS, call);
  }
}

/** Most workflows that one answer may list. */
const LIST_PAGE = 1_000;

/** What a value of a memo or of a search attribute says; null where there is none, or one of another kind. */
function plainOf<Value>(
  payload: { data?: Uint8Array | null } | null | undefined,
  kind: z.ZodType<Value>,
): Value | null {
  if (!payload?.data?.length) return null;
  return kind.safeParse(JSON.parse(Buffer.from(payload.data).toString('utf8'))).data ?? null;
}

/** A moment of Temporal's protocol in ISO 8601 UTC. */
const isoOf = (moment: { seconds?: unknown; nanos?: number | null } | null | undefined): string =>
  new Date(Number(moment?.seconds ?? 0) * 1_000 + Math.floor((moment?.nanos ?? 0) / 1e6)).toISOString();

/** A worker polls at least once a minute; one that was seen before that is gone. */
const POLLER_FRESH_MS = 70_000;

/** gRPC codes: permission denied, unimplemented, invalid argument, resource exhausted (no place for more keywords). */
const MAY_NOT_REGISTER: ReadonlySet<number> = new Set([7, 12, 3, 8]);
const ALREADY_EXISTS = 6;
/** What has been registered is listed a moment later. */
const LOOK_EVERY_MS = 100;
const MOST_LOOKS = 50;
/** So long a server is taken for one that may not know our search attributes. */
const LOOK_AGAIN_MS = 60_000;
