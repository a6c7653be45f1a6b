import { createContext, useContext } from 'react';
import type { DefinitionProblem } from '../../../../domain/definition';
import type { ObjectDescription } from '../../../../domain/object-description';
import type { Connection } from '../../connections/api';
import type { Step } from '../lib/steps';
import type { FormAsDraft, SyncForm } from '../lib/sync-form';
import type { Conflict, Saved, SavingState } from './use-saving';

/** One end of the sync: what is known of the connection and the object that were chosen. */
export interface EndState {
  connection: Connection | null;
  object: ObjectDescription | null;
  isLoading: boolean;
  /** Why the object cannot be described. */
  problem: unknown;
  /** Asks the system anew. @returns null where it cannot be asked, which `problem` tells */
  refresh(): Promise<ObjectDescription | null>;
  /** Gives up waiting for the description. */
  cancel(): void;
}

/** What the pages of the editor share. */
export interface Editor {
  form: SyncForm;
  /**
   * Changes members of the form; what depends on the present form is given as a function.
   * @param subject what of the mappings is changed: changes of the same in a row are undone as one
   */
  change(patch: Partial<SyncForm> | ((form: SyncForm) => Partial<SyncForm>), subject?: string): void;
  /** Takes the latest change of the mappings back; null where there is none. */
  undo: (() => void) | null;
  redo: (() => void) | null;
  asDraft: FormAsDraft;
  source: EndState;
  destination: EndState;
  /** All that stands between the form and its activation. */
  problems: DefinitionProblem[];
  /** What the server has said of the form as it is; forgotten with the next change. */
  told: DefinitionProblem[];
  tell(problem: unknown): void;
  saving: { state: SavingState; problem: unknown; conflict: Conflict | null; settle(choice: 'ours' | 'theirs'): void };
  saved: Saved | null;
  /** Null where it could not be saved, which is told. */
  save(): Promise<Saved | null>;
  /** Asks the server how the sync stands. */
  reload(): Promise<void>;
  /** Goes back to what is saved. */
  discard(): void;
  /** It is active, paused, or waits for a person: changes are saved when the person says so. */
  isLive: boolean;
  /** Something differs from what is saved. */
  isChanged: boolean;
  step: Step;
  /** Saves what can be saved, and opens a page. */
  goTo(step: Step): Promise<void>;
  /** How often *Next* was tried on this page. */
  tries: number;
  /** The problems of the page are shown: the way on was tried. */
  isTried: boolean;
  /** @param step another page than this one */
  setTried(step?: Step): void;
}

export const EditorContext = createContext<Editor | null>(null);

/** The sync that is being edited. */
export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('The page is not part of the editor.');
  return editor;
}

/** The message for a member of the form, from the checks here or from the server. */
export function messageAt({ problems, told }: Pick<Editor, 'problems' | 'told'>, path: string): string | undefined {
  const all = [...told, ...problems];
  const own = all.find((problem) => problem.path === path);
  const within = all.find((problem) => problem.path.startsWith(`${path}.`) || problem.path.startsWith(`${path}[`));
  return (own ?? within)?.message;
}
