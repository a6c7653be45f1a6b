import type { DraftDefinition, Mapping } from '../../../../domain/definition';
import { usePreview } from '../api';
import { isSame } from '../lib/merge-drafts';
import type { Saved } from './use-saving';

/** What a preview depends on. */
type Previewed = Omit<DraftDefinition, 'name' | 'description' | 'schedule' | 'stopAfterFailures' | 'firstRun'>;

interface Latest {
  previewId: string;
  of: Previewed;
}

const keyOf = (syncId: string): string => `sync-editor:preview:${syncId}`;

const previewedOf = ({
  name,
  description,
  schedule,
  stopAfterFailures,
  firstRun,
  ...rest
}: DraftDefinition): Previewed => rest;

function latestOf(syncId: string): Latest | null {
  const text = sessionStorage.getItem(keyOf(syncId));
  try {
    // written by `keepPreview`
    return text === null ? null : (JSON.parse(text) as Latest);
  } catch {
    // by an earlier release
    return null;
  }
}

/** The preview that this window has made of a sync last; null where it has made none. */
export const latestPreviewId = (syncId: string): string | null => latestOf(syncId)?.previewId ?? null;

/** The mappings that the latest preview of a sync was made with. */
export const previewedMappings = (syncId: string): readonly Mapping[] => latestOf(syncId)?.of.mappings ?? [];

/** Notes a preview as the latest one of a sync as it is saved. */
export function keepPreview({ id, draft }: Saved, previewId: string): void {
  const latest: Latest = { previewId, of: previewedOf(draft) };
  sessionStorage.setItem(keyOf(id), JSON.stringify(latest));
}

/** Whether what the latest preview of a sync depends on is otherwise now: when it runs is no part of that. */
export function isOtherThanPreviewed(syncId: string, draft: DraftDefinition): boolean {
  const latest = latestOf(syncId);
  return latest !== null && !isSame(latest.of, previewedOf(draft));
}

/** The latest preview of a sync, and whether what it depends on has changed since. */
export function useLatestPreview(saved: Saved | null) {
  const latest = saved && latestOf(saved.id);
  const { data: preview } = usePreview(latest?.previewId ?? null);
  const isOutdated = saved !== null && isOtherThanPreviewed(saved.id, saved.draft);
  return { preview, isOutdated };
}
