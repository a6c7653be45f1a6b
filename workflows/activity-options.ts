import { ActivityCancellationType } from '@temporalio/workflow';

/** A missing heartbeat tells of a dead worker. One that was merely frozen is fenced off: what it does then is no harm, and done again. */
export const heartbeatTimeout = '7 seconds' as const;
/** After the death of a worker; whatever fails says by itself how long to wait. */
const RETRY = { initialInterval: '200 milliseconds' as const, backoffCoefficient: 1 };

/** Of an activity that does little, or that has no phase of its own. @param text what the Temporal Web UI shows of it */
export const shortOptions = (text: string, startToCloseTimeout: '1 minute' | '5 minutes' | '1 day') => ({
  startToCloseTimeout,
  heartbeatTimeout,
  retry: RETRY,
  summary: text,
});

/** Of a phase, which runs as long as its data need. @param text what the Temporal Web UI shows of it */
export const longOptions = (text: string, startToCloseTimeout: '1 day' | '30 days', maximumAttempts: number) => ({
  startToCloseTimeout,
  heartbeatTimeout,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...RETRY, maximumAttempts },
  summary: text,
});
