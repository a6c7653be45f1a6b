import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** How long the activities of one name took, all together. */
export interface ActivitySpan {
  name: string;
  seconds: number;
}

/** Adds up, by the activities' names and in the order of their first start, the time from start to completion. */
export function activitySpans(events: readonly HistoryEvent[]): ActivitySpan[] {
  const names = new Map<string, string>();
  const starts = new Map<string, { name: string; at: number }>();
  const spans = new Map<string, number>();
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const started = event.activityTaskStartedEventAttributes;
    if (started) {
      const name = names.get(String(started.scheduledEventId)) ?? '';
      starts.set(String(event.eventId), { name, at: secondsOf(event) });
      if (!spans.has(name)) spans.set(name, 0);
    }
    const ended = event.activityTaskCompletedEventAttributes;
    const start = ended && starts.get(String(ended.startedEventId));
    if (start) spans.set(start.name, (spans.get(start.name) ?? 0) + secondsOf(event) - start.at);
  }
  return [...spans].map(([name, seconds]) => ({ name, seconds }));
}

function secondsOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) + Number(eventTime?.nanos ?? 0) / 1e9;
}
