import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { DefinitionProblem, DraftDefinition } from '../../../../domain/definition';
import { LIVE_STATUSES } from '../../../../domain/sync-status';
import { ApiProblem } from '../../../lib/api';
import { ownTimeZone } from '../../../lib/format';
import { type Connection, useConnections } from '../../connections/api';
import { objectKey, useObjectDescription } from '../api';
import { formProblems, placedInRow } from '../lib/check-form';
import { type History, NO_HISTORY, recorded, redone, undone } from '../lib/history';
import { dropCopy, findCopy, findUnchecked, keepCopy, keepUnchecked } from '../lib/local-copy';
import { asEdited, mergeDrafts, withMerged } from '../lib/merge-drafts';
import { draftOf, type EndForm, formOf, isHalfChosen, type MappingRow, type SyncForm } from '../lib/sync-form';
import { uncheckedOf, withUnchecked } from '../lib/unchecked-rows';
import type { Editor, EndState } from './editor-context';
import { type Saved, useSaving } from './use-saving';

type EditedSync = Omit<Editor, 'step' | 'goTo' | 'tries' | 'isTried' | 'setTried'>;

/** The form, and what its mappings were before. */
interface Edited {
  form: SyncForm;
  history: History<MappingRow[]>;
}

/** What is begun with: the server's version, joined with what this browser has kept of an earlier visit. */
function begin(initial: Saved | null): SyncForm {
  const timeZone = ownTimeZone();
  const form = formOf(initial?.draft ?? {}, timeZone);
  if (initial) form.mappings = withUnchecked(form.mappings, findUnchecked(initial.id));
  const copy = findCopy(initial?.id ?? null);
  if (!copy) return form;
  const kept = { ...form, ...copy.form };
  if (!initial || !copy.saved || copy.saved.version === initial.version) return kept;
  const { merged } = mergeDrafts(asEdited(copy.saved.draft), draftOf(kept).draft, asEdited(initial.draft));
  return withMerged(kept, merged, timeZone);
}

/** @param onCreated tells the id that a new sync got with its first save */
export function useEditedSync(initial: Saved | null, onCreated: (syncId: string) => void): EditedSync {
  const [{ form, history }, setEdited] = useState<Edited>(() => ({ form: begin(initial), history: NO_HISTORY }));
  const [told, setTold] = useState<DefinitionProblem[]>([]);
  const change = useCallback<Editor['change']>((patch, subject) => {
    setTold([]);
    setEdited((before) => {
      const after = { ...before.form, ...(typeof patch === 'function' ? patch(before.form) : patch) };
      const isOfMappings = after.mappings !== before.form.mappings;
      return {
        form: after,
        history: isOfMappings ? recorded(before.history, before.form.mappings, subject ?? null) : before.history,
      };
    });
  }, []);
  const step = useCallback((way: typeof undone) => {
    setTold([]);
    setEdited((before) => {
      const stepped = way(before.history, before.form.mappings);
      return stepped ? { form: { ...before.form, mappings: [...stepped.state] }, history: stepped.history } : before;
    });
  }, []);
  const asDraft = useMemo(() => draftOf(form), [form]);
  const [status, setStatus] = useState(initial?.status ?? 'draft');
  const isLive = LIVE_STATUSES.includes(status);
  const replace = (draft: DraftDefinition, sent: DraftDefinition | null) =>
    setEdited((before) => {
      const after = withMerged(before.form, draft, ownTimeZone(), sent);
      // what others have changed is not taken back by an undo
      const isOurs = after.mappings === before.form.mappings;
      return { form: after, history: isOurs ? before.history : NO_HISTORY };
    });
  const onSaved = (saved: Saved, before: Saved | null) => {
    setStatus(saved.status);
    if (before) return;
    dropCopy(null);
    onCreated(saved.id);
  };
  const { draft } = asDraft;
  const saving = useSaving({ initial, draft, isAutomatic: !isLive, onMerged: replace, onSaved });
  const { saved } = saving;
  const isKept = !saving.isChanged && saving.state === 'saved';
  const isAllSaved = isKept && asDraft.unfinished.length === 0 && !isHalfChosen(form);
  useKeptCopy(form, saved, isAllSaved);

  const { data: connections } = useConnections();
  const connectionIds = useMemo(() => connections && new Set(connections.map(({ id }) => id)), [connections]);
  const source = useEnd(form.source, connections);
  const destination = useEnd(form.destination, connections);
  const problems = useMemo(
    () =>
      formProblems(form, asDraft, {
        source: source.object,
        destination: destination.object,
        connectionIds: connectionIds ?? null,
        now: new Date().toISOString(),
      }),
    [form, asDraft, source.object, destination.object, connectionIds],
  );
  const tell = (problem: unknown) => {
    const errors = problem instanceof ApiProblem ? problem.errors : [];
    setTold(errors.map((error) => placedInRow(error, asDraft.rowKeys)));
  };
  const { save, reload, isChanged } = saving;
  const discard = () => {
    if (!saved) return;
    setTold([]);
    setEdited({ form: formOf(saved.draft, ownTimeZone()), history: NO_HISTORY });
  };
  return {
    form,
    change,
    undo: history.past.length > 0 ? () => step(undone) : null,
    redo: history.future.length > 0 ? () => step(redone) : null,
    asDraft,
    source,
    destination,
    problems,
    told,
    tell,
    saving,
    saved,
    save,
    reload,
    discard,
    isLive,
    isChanged,
  };
}

/** What is not saved, or has no place in what is saved, survives a reload in this browser. */
function useKeptCopy(form: SyncForm, saved: Saved | null, isAllSaved: boolean): void {
  useEffect(() => {
    const syncId = saved?.id ?? null;
    const isUntouched = saved === null && form.name === '' && form.source.connectionId === '';
    if (isUntouched || (saved && isAllSaved)) dropCopy(syncId);
    else keepCopy(syncId, { form, saved: saved && { version: saved.version, draft: saved.draft } });
  }, [form, saved, isAllSaved]);
  const syncId = saved?.id;
  // whoever has activated a sync has agreed to its mappings
  const isDraft = saved?.status === 'draft';
  const { mappings } = form;
  useEffect(() => {
    if (syncId !== undefined) keepUnchecked(syncId, isDraft ? uncheckedOf(mappings) : []);
  }, [syncId, isDraft, mappings]);
}

function useEnd(end: EndForm, connections: readonly Connection[] = []): EndState {
  const { data, isFetching, error, refetch } = useObjectDescription(end);
  const queries = useQueryClient();
  return {
    connection: connections.find(({ id }) => id === end.connectionId) ?? null,
    object: data ?? null,
    isLoading: isFetching,
    problem: error,
    refresh: async () => {
      const { data: anew, isError } = await refetch();
      return isError ? null : (anew ?? null);
    },
    cancel: () => void queries.cancelQueries({ queryKey: objectKey(end) }),
  };
}
