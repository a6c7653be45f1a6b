import type { DefinitionProblem } from '../../../../domain/definition';
import type { SyncForm } from './sync-form';

/** The five pages, in the order of the guide. */
export const STEPS = ['basics', 'mappings', 'filter', 'preview', 'schedule'] as const;
export type Step = (typeof STEPS)[number];

/** What each page is called, as the guide calls it. */
export const STEP_TITLES: Record<Step, string> = {
  basics: 'Basic Sync Configuration',
  mappings: 'Field Mappings',
  filter: 'Add Filter / Query',
  preview: 'Preview Sync',
  schedule: 'Schedule and Execution',
};

/** Which page a member of the definition is edited on. */
const STEP_OF_MEMBER: Record<string, Step> = {
  mappings: 'mappings',
  rows: 'mappings',
  filter: 'filter',
  schedule: 'schedule',
  records: 'schedule',
  stopAfterFailures: 'schedule',
  firstRun: 'schedule',
};

/** @param path of a problem, such as `mappings[2].to` */
export const stepOf = (path: string): Step => STEP_OF_MEMBER[path.split(/[.[]/)[0] ?? ''] ?? 'basics';

/** Something that a page still needs, and the label of the field where it is entered. */
export interface Missing {
  path: string;
  label: string;
  reason: string;
}

/** What the first page needs before *Next*. */
export function missingBasics({ name, source, destination }: SyncForm): Missing[] {
  const needed: [boolean, string, string, string][] = [
    [
      source.connectionId !== '',
      'source.connectionId',
      'Source Connection',
      'Choose the connection from which data is pulled.',
    ],
    [source.object !== '', 'source.object', 'Source Object', 'Choose the object from the source connection.'],
    [name.trim() !== '', 'name', 'Name', 'Give the sync a name.'],
    [
      destination.connectionId !== '',
      'destination.connectionId',
      'Destination Connection',
      'Choose the connection where data is sent.',
    ],
    [destination.object !== '', 'destination.object', 'Destination Object', 'Choose the object in the destination.'],
  ];
  return needed.flatMap(([isThere, path, label, reason]) => (isThere ? [] : [{ path, label, reason }]));
}

/** The problems of each page. */
export function problemsByStep(problems: readonly DefinitionProblem[]): Record<Step, DefinitionProblem[]> {
  const found: Record<Step, DefinitionProblem[]> = { basics: [], mappings: [], filter: [], preview: [], schedule: [] };
  for (const problem of problems) found[stepOf(problem.path)].push(problem);
  return found;
}
