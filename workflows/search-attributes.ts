import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';

/** What operators can search by in the Temporal Web UI; registered when a worker starts, where that is permitted. */
export const syncIdKey = defineSearchAttributeKey('SyncId', 'KEYWORD');
export const syncNameKey = defineSearchAttributeKey('SyncName', 'KEYWORD');
export const syncRouteKey = defineSearchAttributeKey('SyncRoute', 'KEYWORD');
export const syncPhaseKey = defineSearchAttributeKey('SyncPhase', 'KEYWORD');
export const syncOutcomeKey = defineSearchAttributeKey('SyncOutcome', 'KEYWORD');
export const syncFailedKey = defineSearchAttributeKey('SyncFailed', 'INT');

/** What a sync is called, for people who see it through Temporal. */
export interface SyncLabels {
  syncId: string;
  name: string;
  /** "Marketo EU Lead → Prod Contact" */
  route: string;
  /** False where the server does not know our search attributes: a start with an unknown one would be refused. */
  searchable: boolean;
}

/** The attributes that a workflow of the sync starts with. */
export const labelAttributes = (labels: SyncLabels): SearchAttributePair[] =>
  labels.searchable
    ? [
        { key: syncIdKey, value: labels.syncId },
        { key: syncNameKey, value: labels.name },
        { key: syncRouteKey, value: labels.route },
      ]
    : [];

/** What a workflow of the sync is doing, and how the last execution ended, where there is one. */
export const phaseAttributes = (
  phase: string,
  last: { state: string; counts: { failed?: number } } | null = null,
): SearchAttributePair[] => [
  { key: syncPhaseKey, value: phase },
  ...(last
    ? [
        { key: syncOutcomeKey, value: last.state },
        { key: syncFailedKey, value: last.counts.failed ?? 0 },
      ]
    : []),
];
