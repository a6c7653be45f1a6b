import type { AuditRow } from '../../../db/queries/audit';
import type { ExecutionRow } from '../../../db/queries/executions-read';
import { loadDefinition } from '../../../db/queries/syncs';
import { listActions, listTimeline, type TimelineRow } from '../../../db/queries/timeline';
import type { ApiDeps } from '../deps';
import { route } from '../route';
import { executionParams } from '../schemas/executions';
import { type TimelineEntry, timelineList } from '../schemas/timeline';
import { existing } from './executions';

const entryOf = (kind: TimelineEntry['kind'], at: string, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  at,
  kind,
  phase: null,
  text: null,
  waitsUntil: null,
  endedAt: null,
  times: 1,
  records: null,
  who: null,
  state: null,
  ...more,
});

const ofNote = ({ at, kind, phase, text, waitsUntil, endedAt, times, records }: TimelineRow): TimelineEntry =>
  entryOf(kind, at, { phase, text, waitsUntil, endedAt, times, records });

const ofAction = ({ at, who, action }: AuditRow): TimelineEntry => entryOf('action', at, { who, text: action });

/** Start and end come from the execution itself; they enclose what was noted meanwhile, by whichever clock. */
function inOrder(execution: ExecutionRow, notes: readonly TimelineEntry[], actions: readonly TimelineEntry[]) {
  const { startedAt, finishedAt, state, problem } = execution;
  const placed = [...actions, ...notes].map((entry) => ({ entry, place: entry.at }));
  if (startedAt !== null) {
    const place = [startedAt, notes[0]?.at ?? startedAt].sort()[0] ?? startedAt;
    placed.splice(actions.length, 0, { entry: entryOf('started', startedAt), place });
  }
  if (finishedAt !== null) {
    const place = [finishedAt, notes.at(-1)?.at ?? finishedAt].sort()[1] ?? finishedAt;
    placed.push({ entry: entryOf('ended', finishedAt, { state, text: problem }), place });
  }
  return placed.sort((one, other) => Date.parse(one.place) - Date.parse(other.place)).map(({ entry }) => entry);
}

async function timelineOf(deps: ApiDeps, execution: ExecutionRow): Promise<TimelineEntry[]> {
  const { db } = deps.database;
  const definition = await loadDefinition(db, execution.syncId, execution.version);
  const connectionIds = [definition?.source, definition?.destination].flatMap((end) => end?.connectionId ?? []);
  const [notes, actions] = await Promise.all([
    listTimeline(db, execution.executionId),
    listActions(db, execution, connectionIds, execution.finishedAt ?? deps.now()),
  ]);
  return inOrder(execution, notes.map(ofNote), actions.map(ofAction));
}

export const timelineRoutes = [
  route({
    method: 'get',
    path: '/executions/:executionId/timeline',
    summary: 'Tell what happened in an execution, in order: phases, failed attempts, waits, stops, and what people did',
    description:
      'What comes again and again (a failed attempt, a wait for the same) is one entry that counts. Of executions of a release before ' +
      'this route there are the start, the end and what people did.',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    status: 200,
    answer: timelineList,
    refusals: [404],
    handle: async ({ params }, deps) => ({
      items: await timelineOf(deps, await existing(deps, params.executionId)),
      nextCursor: null,
    }),
  }),
];
