import type { Org } from './org';
import type { QueryService } from './query-service';

/**
 * How a query would be run (REST guide, "Get Feedback on Query Performance"): the sandbox has one plan to offer, its
 * database's own.
 * @throws ApiError when it is no query
 */
export function explainQuery(org: Org, queries: QueryService, soql: string): unknown {
  const plan = queries.plan(soql, false, false);
  const { sql, parameters } = plan.kind === 'rows' ? plan.sequences : plan.kind === 'count' ? plan.count : plan.select;
  const steps = queries.prepared(`explain query plan ${sql}`).all(...parameters) as { detail: string }[];
  const cardinality = queries
    .prepared(`select count(*) from (${sql})`)
    .pluck()
    .get(...parameters) as number;
  const sobjectCardinality = org.table(plan.object).count();
  return {
    plans: [
      {
        cardinality,
        fields: [],
        leadingOperationType: steps[0]?.detail.startsWith('SEARCH') ? 'Index' : 'TableScan',
        notes: [],
        relativeCost: sobjectCardinality === 0 ? 0 : cardinality / sobjectCardinality,
        sobjectCardinality,
        sobjectType: plan.object.name,
      },
    ],
    sourceQuery: soql,
  };
}
