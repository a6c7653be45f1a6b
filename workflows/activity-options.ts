import { ActivityCancellationType } from '@temporalio/workflow';

/** A missing heartbeat tells of a dead worker. */
const heartbeatTimeout = '10 seconds' as const;
/** After the death of a worker; whatever fails says by itself how long to wait. */
const RETRY = { initialInterval: '1 second' as const, backoffCoefficient: 1 };

/** Of an activity that does little. @param text what the Temporal Web UI shows of it */
export const shortOptions = (text: string, startToCloseTimeout: '1 minute' | '5 minutes') => ({
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
