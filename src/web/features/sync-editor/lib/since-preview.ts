import type { Mapping } from '../../../../domain/definition';
import type { FieldDescription } from '../../../../domain/object-description';
import { isSame } from './merge-drafts';
import { quickFix } from './quick-fix';
import { mappingOfRow, rowOf } from './sync-form';

/** What has become of a mapping since a preview has found something about it. */
export type SincePreview =
  | { kind: 'same' }
  | { kind: 'mended' /** By which quick fix. */; by: string }
  | { kind: 'changed' };

/**
 * @param code of what the preview has found, such as `tooLong`
 * @param before the mapping as it was previewed, `now` as it is; either may not be there
 */
export function sincePreview(
  code: string,
  field: FieldDescription | undefined,
  before: Mapping | undefined,
  now: Mapping | undefined,
): SincePreview {
  const row = before && rowOf(before, 'before');
  // as it would be saved again
  if (isSame(row && mappingOfRow(row), now)) return { kind: 'same' };
  const fix = row && field ? quickFix(code, row, field) : null;
  const isFixed = row && fix && isSame(mappingOfRow({ ...row, ...fix.patch }), now);
  return isFixed ? { kind: 'mended', by: fix.label } : { kind: 'changed' };
}
