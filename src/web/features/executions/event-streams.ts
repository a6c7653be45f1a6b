import { apiUrl } from '../../lib/api';
import type { Execution } from './api';

type Listener = (execution: Execution) => void;

interface Stream {
  listeners: Set<Listener>;
  close(): void;
}

/** When a stream that was refused is opened again. */
const AGAIN_AFTER_MS = 10_000;
const streams = new Map<string, Stream>();

/**
 * Follows an execution that runs by the server's events. All parts of the page share one stream, and a window that nobody sees has none:
 * a browser opens six connections to a server at most, for all of its windows.
 * @returns what ends it
 */
export function followExecution(executionId: string, listener: Listener): () => void {
  const stream = streams.get(executionId) ?? openStream(executionId);
  stream.listeners.add(listener);
  return () => {
    stream.listeners.delete(listener);
    if (stream.listeners.size > 0 || streams.get(executionId) !== stream) return;
    streams.delete(executionId);
    stream.close();
  };
}

function openStream(executionId: string): Stream {
  const listeners = new Set<Listener>();
  let events: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(again);
    events?.close();
    events = undefined;
  };
  const open = () => {
    close();
    const opened = new EventSource(apiUrl(`/executions/${executionId}/events`));
    events = opened;
    opened.addEventListener('execution', (event) => {
      const execution = JSON.parse(event.data) as Execution;
      // the stream ends with it; a browser would open it again
      if (execution.state !== 'running') close();
      for (const listen of listeners) listen(execution);
    });
    // a lost network browsers mend themselves; a refusal, as when the session has ended, they take for the end
    opened.addEventListener('error', () => {
      if (opened.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_AFTER_MS);
    });
  };
  const openWhileSeen = () => (document.hidden ? close() : open());
  document.addEventListener('visibilitychange', openWhileSeen);
  openWhileSeen();
  const stream: Stream = {
    listeners,
    close: () => {
      document.removeEventListener('visibilitychange', openWhileSeen);
      close();
    },
  };
  streams.set(executionId, stream);
  return stream;
}
