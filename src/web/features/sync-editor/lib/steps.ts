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

/** What a page tells of, and in a few words what other pages have. */
interface ProblemsToTell {
  here: DefinitionProblem[];
  elsewhere: { step: Step; words: string }[];
}

const MOST_TOLD = 3;

/**
 * What stands in the way on from a page: its own problems, and those of the pages before it, which one has passed. What the server has told
 * is shown wherever it belongs.
 * @param found by the checks here
 */
export function problemsToTell(
  at: Step,
  told: readonly DefinitionProblem[],
  found: readonly DefinitionProblem[],
): ProblemsToTell {
  const all = problemsByStep([...told, ...found]);
  const ofServer = problemsByStep(told);
  const isPassed = (step: Step) => STEPS.indexOf(step) < STEPS.indexOf(at);
  return {
    here: all[at].filter(
      ({ path, message }, index) =>
        all[at].findIndex((other) => other.path === path && other.message === message) === index,
    ),
    elsewhere: STEPS.filter((step) => step !== at).flatMap((step) => {
      const messages = [...new Set((isPassed(step) ? all : ofServer)[step].map(({ message }) => message))];
      const more = messages.length - MOST_TOLD;
      const words = [...messages.slice(0, MOST_TOLD), ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
      return words === '' ? [] : [{ step, words }];
    }),
  };
}

/** The pages where something has to be mended, and how much. */
export function stepsToMend(problems: readonly DefinitionProblem[]): { step: Step; count: number }[] {
  const found = problemsByStep(problems);
  return STEPS.flatMap((step) => (found[step].length > 0 ? [{ step, count: found[step].length }] : []));
}
