import { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { PHASES } from '../src/domain/outcome';
import { PREVIEW_PHASES } from '../src/domain/preview';
import { HEARTBEAT_EVERY_MS } from './run';

/** They tell by themselves, and how far they are. */
const PHASE_NAMES: ReadonlySet<string> = new Set([...PHASES, ...PREVIEW_PHASES]);

/**
 * Has short activities tell that they are alive as well: when their worker dies, another one has the activity as soon as a heartbeat is
 * missing, not after the longest time that the activity may take.
 */
export class SignsOfLife implements ActivityInboundCallsInterceptor {
  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const context = Context.current();
    const { activityType, heartbeatTimeoutMs, isLocal } = context.info;
    if (isLocal || !heartbeatTimeoutMs || PHASE_NAMES.has(activityType)) return next(input);
    const heartbeats = setInterval(() => context.heartbeat(), HEARTBEAT_EVERY_MS);
    try {
      return await next(input);
    } finally {
      clearInterval(heartbeats);
    }
  }
}
