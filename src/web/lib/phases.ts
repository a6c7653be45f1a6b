import { PHASES, type Phase, type Trigger } from '../../domain/outcome';

/** What is going on in each phase. */
const PHASE_WORDS: Record<Phase, string> = {
  extract: 'Reading',
  filter: 'Filtering',
  dedupe: 'Looking for duplicates',
  map: 'Mapping',
  load: 'Loading',
};

/** An undo has these alone. */
const UNDO_WORDS: Partial<Record<Phase, string>> = { extract: 'Gathering', load: 'Deleting and restoring' };

/** The phases of an execution, in order. */
export const phasesOf = (trigger: Trigger): Phase[] =>
  PHASES.filter((phase) => trigger !== 'undo' || UNDO_WORDS[phase] !== undefined);

/** What is going on in a phase of an execution. */
export const phaseInWords = (phase: Phase, trigger: Trigger): string =>
  (trigger === 'undo' ? UNDO_WORDS[phase] : undefined) ?? PHASE_WORDS[phase];
