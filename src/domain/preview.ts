import type { FilterFinding } from './filter-findings';
import type { Forecast } from './forecast';
import type { Value } from './object-description';
import type { OutcomeKind } from './outcome';

/** `auto`: all records up to a size, and a sample of more; `full`: all, however many; `sample`: the first ones alone. */
export const PREVIEW_MODES = ['auto', 'full', 'sample'] as const;
export type PreviewMode = (typeof PREVIEW_MODES)[number];

/** The phases of a preview: those of a run, but that it plans where a run loads. */
export const PREVIEW_PHASES = ['extract', 'filter', 'dedupe', 'map', 'plan'] as const;
export type PreviewPhase = (typeof PREVIEW_PHASES)[number];

/**
 * States of a preview. While it is open it is never `running`: by that state the database names the runs that are to be resumed,
 * settled or waited for, for workers of every release.
 */
export const PREVIEW_STATES = ['previewing', 'completed', 'failed', 'cancelled'] as const;
export type PreviewState = (typeof PREVIEW_STATES)[number];

/** What a run would do with a record; in the order in which they are shown. */
export const PLAN_ACTIONS = ['create', 'update', 'unchanged', 'skip', 'refuse', 'duplicate', 'filteredOut'] as const;
export type PlanAction = (typeof PLAN_ACTIONS)[number];

/** The action that a record's entry in the ledger of a preview means; in the ledger of the run that follows, it means itself. */
export const actionOf: Record<OutcomeKind, PlanAction> = {
  filteredOut: 'filteredOut',
  duplicate: 'duplicate',
  created: 'create',
  updated: 'update',
  unchanged: 'unchanged',
  skipped: 'skip',
  failed: 'refuse',
};

/** The reverse of `actionOf`. */
export const outcomeOfAction: Record<PlanAction, OutcomeKind> = {
  filteredOut: 'filteredOut',
  duplicate: 'duplicate',
  create: 'created',
  update: 'updated',
  unchanged: 'unchanged',
  skip: 'skipped',
  refuse: 'failed',
};

/** When not everything is read: with more than `above` records at the source, the first `records` of them. */
export interface Sampling {
  above: number;
  records: number;
}

/** Up to so many records a preview reads them all, unless told otherwise. */
export const EXACT_UP_TO = 100_000;
/** Records of a sample, unless told otherwise. */
export const SAMPLE_RECORDS = 1_000;

/**
 * @param limit `auto`: the size up to which all records are read; `sample`: how many are read; of no meaning in `full`
 * @returns null where all are read
 */
export function samplingOf(mode: PreviewMode, limit: number | null): Sampling | null {
  switch (mode) {
    case 'full':
      return null;
    case 'sample': {
      const records = limit ?? SAMPLE_RECORDS;
      return { above: records, records };
    }
    case 'auto': {
      const above = limit ?? EXACT_UP_TO;
      return { above, records: Math.min(SAMPLE_RECORDS, above) };
    }
  }
}

/** One record that shows a problem. `value`: what the source holds in the field that is mapped; null where that is not one field. */
export interface ProblemExample {
  sourceId: string;
  matchKey: string | null;
  value: Value;
}

/** Records with one problem in common. */
export interface ProblemGroup {
  /** What comes of it: the record is refused, or skipped; or it is written although it is probably not meant so. */
  action: 'refuse' | 'skip' | 'warn';
  code: string;
  /** Name of the destination field; null where it is not one field. */
  field: string | null;
  /** As the first of the records is told. */
  message: string | null;
  records: number;
  examples: ProblemExample[];
  /** Where the value comes from, among those that are read of a record; -1 where it is not one field. Earlier releases left it out. */
  position?: number;
}

/** Source records that share a match key. */
export interface DuplicateGroup {
  matchKey: string;
  records: number;
  /** The first of them, in source order. */
  sourceIds: string[];
  /** The one that is imported in place of all; null where all are, or none. */
  kept: string | null;
  /** What was compared of the first of them and of the one that is kept, ISO 8601 UTC; empty where no date decides. Earlier releases left it out. */
  dates?: { sourceId: string; value: string | null }[];
}

/** A field of the source whose dates decide which record of a group is kept. */
export interface DecidingField {
  field: string;
  label: string;
}

export interface PreviewWarning {
  code: 'sample' | 'changedOnly' | 'automation' | 'oppositeSync' | 'nativeSync' | 'consent';
  message: string;
}

/** What a preview has found out beside the records themselves. */
export interface PreviewReport {
  problems: ProblemGroup[];
  duplicates: {
    groups: number;
    largest: DuplicateGroup[];
    /** Null where no date decides. Earlier releases left it out. */
    decidedBy?: DecidingField | null;
  };
  forecast: Forecast;
  warnings: PreviewWarning[];
  /** Where the filter lets no record through that was read, why. Earlier releases left it out. */
  filter?: FilterFinding[];
}
