import type { DraftDefinition } from '../../../../domain/definition';
import { ownTimeZone } from '../../../lib/format';
import type { Saved } from '../state/use-saving';
import { findCopy, keepCopy } from './local-copy';
import { formOf } from './sync-form';

/** Whether this browser keeps changes of a sync that are not saved. */
export const hasUnsavedChanges = (syncId: string): boolean => findCopy(syncId) !== null;

/**
 * Puts an earlier definition of a sync into the editor, as if somebody had typed it over the present one. Changes that are not saved give
 * way to it.
 * @param saved the sync as it is now
 */
export function takeUpVersion(saved: Saved, earlier: DraftDefinition): void {
  keepCopy(saved.id, { form: formOf(earlier, ownTimeZone()), saved });
}
