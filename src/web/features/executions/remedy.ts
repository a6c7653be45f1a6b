import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Mapping } from '../../../domain/definition';
import { useObjectOf } from '../connections/names';
import { saveSync } from '../sync-editor/api';
import { type QuickFix, quickFix } from '../sync-editor/lib/quick-fix';
import { type SincePreview, sincePreview } from '../sync-editor/lib/since-preview';
import { mappingOfRow, rowOf } from '../sync-editor/lib/sync-form';
import { savedOf } from '../sync-editor/state/use-saving';
import { type Sync, useAllVersions, useSync } from '../syncs/api';
import type { Cause, Execution } from './api';

/** Codes of vendors that say what one of our own says. */
const AS_OURS: Readonly<Record<string, string>> = {
  STRING_TOO_LONG: 'tooLong',
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: 'notInPicklist',
};

/** What can be done in the definition about a cause. */
export interface Remedy {
  sync: Sync;
  /** The field of the destination, as people call it. */
  label: string;
  /** The place of its mapping in the definition; -1 where it has none. */
  index: number;
  /** What has become of the mapping since the execution; null until that is known. */
  since: SincePreview | null;
  /** The usual change of the mapping, with the mapping that it makes; null where there is none, and once it has been changed. */
  fix: (Pick<QuickFix, 'label'> & { mapping: Mapping }) | null;
}

/** What can be done in the definition about a cause; null where it has to do with no field, and until the definition is known. */
export function useRemedy({ syncId, version, trigger }: Execution, { reason, field: name }: Cause): Remedy | null {
  const { data: sync } = useSync(syncId);
  const field = useObjectOf([sync?.destination])(sync?.destination)?.fields.find((each) => each.name === name);
  const isSameVersion = sync?.version === version;
  const { data: versions } = useAllVersions(syncId, sync !== undefined && !isSameVersion);
  if (!sync || name === null || trigger === 'undo') return null;

  const ofField = ({ to }: Mapping) => to === name;
  const index = sync.mappings?.findIndex(ofField) ?? -1;
  const mapping = sync.mappings?.[index];
  const asRun = isSameVersion ? sync : versions?.find((each) => each.version === version)?.definition;
  const code = AS_OURS[reason ?? ''] ?? reason ?? '';
  const since = asRun ? sincePreview(code, field, asRun.mappings?.find(ofField), mapping) : null;
  const row = mapping && rowOf(mapping, '');
  const found = row && field && since?.kind === 'same' ? quickFix(code, row, field) : null;
  const mended = row && found && mappingOfRow({ ...row, ...found.patch });
  return {
    ...{ sync, index, since },
    label: field?.label ?? name,
    fix: found && mended ? { label: found.label, mapping: mended } : null,
  };
}

/** Puts another mapping in the place of one; refused where somebody has saved the definition meanwhile. */
export function useChangeMapping() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ sync, index, mapping }: { sync: Sync; index: number; mapping: Mapping }) => {
      const { id, version, draft } = savedOf(sync);
      return saveSync({ id, version }, { ...draft, mappings: (draft.mappings ?? []).with(index, mapping) });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['syncs'] }),
  });
}
