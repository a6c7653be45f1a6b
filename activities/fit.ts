import type { RunningExecution } from '../db/queries/executions';
import { knownUsedFields } from '../db/queries/used-fields';
import { fitProblems, lookupProblems } from '../src/domain/check-definition';
import { type Definition, InvalidDefinition } from '../src/domain/definition';
import { describeLookups } from '../src/domain/describe-lookups';
import { typeProblems, usedFields } from '../src/domain/field-types';
import type { ObjectDescription } from '../src/domain/object-description';
import type { ActivityDeps } from './run';

interface Ends {
  source: ObjectDescription;
  destination: ObjectDescription;
  /** Describes another object of the destination. */
  describe(objectName: string): Promise<ObjectDescription>;
}

/**
 * Looks whether a definition still fits its objects, which may have changed since it was checked.
 * @param ends.isStart the run has read nothing yet: types that have changed are told once, before anything is written
 * @throws InvalidDefinition with every problem
 */
export async function demandFit(
  { sql, defaultTimeZone }: Pick<ActivityDeps, 'sql' | 'defaultTimeZone'>,
  { definition, execution }: { definition: Definition; execution: RunningExecution },
  { source, destination, isStart, describe }: Ends & { isStart: boolean },
): Promise<void> {
  const problems = fitProblems(definition, source, destination, { defaultTimeZone });
  const lookups = isStart
    ? lookupProblems(definition.mappings, await describeLookups(definition.mappings, describe))
    : [];
  if (problems.length + lookups.length > 0) throw new InvalidDefinition([...problems, ...lookups]);
  if (!isStart || execution.purpose !== 'run') return;
  const used = usedFields(definition, source, destination);
  const changed = typeProblems(await knownUsedFields(sql, execution, used), used);
  if (changed.length > 0) throw new InvalidDefinition(changed);
}
