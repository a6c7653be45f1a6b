import { useCallback, useEffect, useRef, useState } from 'react';
import { type DraftDefinition, draftDefinition } from '../../../../domain/definition';
import { ApiProblem } from '../../../lib/api';
import { getSync, type Sync, saveSync } from '../api';
import { asEdited, isSame, mergeDrafts } from '../lib/merge-drafts';

/** The definition as the server has it, and its version. */
export interface Saved {
  id: string;
  version: number;
  status: Sync['status'];
  draft: DraftDefinition;
}

/** Somebody else has saved the same members meanwhile. */
export interface Conflict {
  theirs: Saved;
  /** What was to be saved. */
  ours: DraftDefinition;
  /** Their version with ours put upon it. */
  merged: DraftDefinition;
  members: (keyof DraftDefinition)[];
}

export type SavingState = 'saved' | 'waiting' | 'saving' | 'failed';

interface Saving {
  saved: Saved | null;
  state: SavingState;
  /** Something differs from what is saved. */
  isChanged: boolean;
  problem: unknown;
  conflict: Conflict | null;
  /** Saves what is there now; null when it could not be saved, which `problem` or `conflict` tells, and where it has no name. */
  save(): Promise<Saved | null>;
  /** Asks the server how the sync stands; what is being edited stays. */
  reload(): Promise<void>;
  /** Goes on from the server's version: theirs as it is, or ours put upon it. */
  settle(choice: 'ours' | 'theirs'): void;
}

interface SavingInput {
  initial: Saved | null;
  draft: DraftDefinition;
  /** Whether it saves by itself, some time after the last change. */
  isAutomatic: boolean;
  /** The server's version has taken in what others changed. @param sent what was to be saved; null when that is given up */
  onMerged(draft: DraftDefinition, sent: DraftDefinition | null): void;
  onSaved(saved: Saved, before: Saved | null): void;
}

const AFTER_TYPING_MS = 900;
const AGAIN_AFTER_MS = 5_000;
const CHANGED_MEANWHILE = 412;

/** What of a sync is its definition. */
function definitionOf(sync: Sync): DraftDefinition {
  const members = new Set(Object.keys(draftDefinition.shape));
  return draftDefinition.parse(Object.fromEntries(Object.entries(sync).filter(([name]) => members.has(name))));
}

export const savedOf = (sync: Sync): Saved => ({
  id: sync.id,
  version: sync.version,
  status: sync.status,
  draft: definitionOf(sync),
});

/**
 * Saves the edited definition: some time after the last change, when asked, and again while Sync cannot be reached. One save at a time; a
 * change that was made meanwhile goes with the next. What others have saved is joined with it, member by member.
 */
export function useSaving({ initial, draft, isAutomatic, onMerged, onSaved }: SavingInput): Saving {
  const [saved, setSaved] = useState(initial);
  const [state, setState] = useState<SavingState>('saved');
  const [problem, setProblem] = useState<unknown>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const latest = useRef({
    draft,
    saved: initial,
    onMerged,
    onSaved,
    isInConflict: false,
    /** A new sync that was sent, and of which nobody knows whether it has arrived. */
    unsure: null as DraftDefinition | null,
  });
  latest.current = { ...latest.current, draft, onMerged, onSaved };
  const running = useRef<Promise<Saved | null> | null>(null);

  const note = useCallback((next: Saved) => {
    const before = latest.current.saved;
    latest.current.saved = next;
    setSaved(next);
    latest.current.onSaved(next, before);
  }, []);

  const accept = useCallback(
    (next: Saved) => {
      setState('saved');
      setProblem(null);
      note(next);
      return next;
    },
    [note],
  );

  const sendOnce = useCallback(async (): Promise<Saved | null> => {
    const { draft: ours, saved: base } = latest.current;
    // while the person decides, nothing is sent
    if (ours.name === '' || latest.current.isInConflict) return null;
    if (base && isSame(ours, asEdited(base.draft))) {
      setState('saved');
      setProblem(null);
      return base;
    }
    setState('saving');
    try {
      return base ? await update(base, ours) : await create(ours);
    } catch (error) {
      setState('failed');
      setProblem(error);
      return null;
    }

    /** Perhaps it was created already, and the answer was lost: then the same call comes first, and what was typed since follows. */
    async function create(draft: DraftDefinition): Promise<Saved | null> {
      const { unsure } = latest.current;
      try {
        const created = accept(savedOf(await saveSync(null, unsure ?? draft)));
        latest.current.unsure = null;
        return unsure === null ? created : sendOnce();
      } catch (error) {
        latest.current.unsure = error instanceof ApiProblem && error.isPassing ? (unsure ?? draft) : null;
        throw error;
      }
    }

    async function update(from: Saved, mine: DraftDefinition): Promise<Saved | null> {
      try {
        return accept(savedOf(await saveSync(from, mine)));
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.status !== CHANGED_MEANWHILE) throw error;
        return join(from, mine);
      }
    }

    /** Takes in what others have saved. They may save once more meanwhile: what was joined is what both began with then. */
    async function join(from: Saved, mine: DraftDefinition): Promise<Saved | null> {
      const theirs = savedOf(await getSync(from.id));
      const { merged, conflicts } = mergeDrafts(asEdited(from.draft), mine, asEdited(theirs.draft));
      if (conflicts.length > 0) {
        setState('failed');
        latest.current.isInConflict = true;
        setConflict({ theirs, ours: mine, merged, members: conflicts });
        return null;
      }
      latest.current.saved = theirs;
      setSaved(theirs);
      latest.current.onMerged(merged, mine);
      return update(theirs, merged);
    }
  }, [accept]);

  const save = useCallback((): Promise<Saved | null> => {
    const before = running.current ?? Promise.resolve(null);
    const next = before.then(sendOnce);
    running.current = next;
    return next;
  }, [sendOnce]);

  const hasName = draft.name !== '';
  const isChanged = saved ? !isSame(draft, asEdited(saved.draft)) : hasName;
  const text = JSON.stringify(draft);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the text begins the wait anew
  useEffect(() => {
    if (!isChanged || !hasName || !isAutomatic || conflict) return;
    setState((now) => (now === 'saved' ? 'waiting' : now));
    const timer = setTimeout(() => void save(), AFTER_TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, isChanged, hasName, isAutomatic, conflict, save]);

  // what was taken back needs no saving any more
  useEffect(() => {
    if (isChanged) return;
    setState((now) => (now === 'saving' ? now : 'saved'));
    setProblem(null);
  }, [isChanged]);

  const isPassing = problem instanceof ApiProblem && problem.isPassing;
  useEffect(() => {
    if (!isPassing || !isAutomatic) return;
    const timer = setInterval(() => void save(), AGAIN_AFTER_MS);
    return () => clearInterval(timer);
  }, [isPassing, isAutomatic, save]);

  const settle = (choice: 'ours' | 'theirs') => {
    if (!conflict) return;
    latest.current.isInConflict = false;
    latest.current.saved = conflict.theirs;
    setSaved(conflict.theirs);
    if (choice === 'ours') latest.current.onMerged(conflict.merged, conflict.ours);
    else latest.current.onMerged(conflict.theirs.draft, null);
    setConflict(null);
    setState('saved');
  };

  const reload = async () => {
    const { saved: before } = latest.current;
    if (!before) return;
    const { status } = await getSync(before.id);
    // another version is met when this one is saved, and what is not saved stays so
    note({ ...(latest.current.saved ?? before), status });
  };

  return { saved, state, isChanged, problem, conflict, save, settle, reload };
}
