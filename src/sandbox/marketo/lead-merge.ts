import type { InstanceCore } from '../core';
import { type ActivityLog, ActivityTypeId } from './activity-log';
import { ApiError } from './api-error';
import { type Call, type Envelope, integerOf, listOf } from './call';
import { showValue } from './field-values';
import type { LeadFields } from './lead-fields';
import type { LeadRow, LeadStore } from './lead-store';
import type { LeadChanges, LeadWriter } from './lead-writer';
import type { StaticLists } from './static-lists';

/** Losers of one merge (Marketo guide, "Merge Leads", since 31 March 2026). */
const MOST_LOSERS = 25;

export interface LeadMergeOptions {
  core: InstanceCore;
  fields: LeadFields;
  leads: LeadStore;
  writer: LeadWriter;
  lists: StaticLists;
  activities: ActivityLog;
}

/**
 * Merge Leads: the winner keeps its values and takes over what it has none for, read-only fields aside; the losers are
 * deleted. The answer has no result.
 */
export function mergeLeads(call: Call, options: LeadMergeOptions): Envelope {
  const { core, leads } = options;
  const { parameters, path } = call;
  const loserIds = [...new Set([...listOf(parameters, 'leadId'), ...listOf(parameters, 'leadIds')].map(integerOf))];
  if (loserIds.length === 0) throw new ApiError('1002', `Missing value for the required parameter 'leadIds'`);
  if (loserIds.length > MOST_LOSERS) throw new ApiError('1080', `At most ${MOST_LOSERS} losing leads can be merged`);
  if (parameters.get('mergeInCRM') === 'true' && loserIds.length > 1)
    throw new ApiError('1003', `Invalid value for 'leadIds': one losing lead with mergeInCRM`);
  const winnerId = integerOf(path.leadId ?? '');
  if (loserIds.includes(winnerId)) throw new ApiError('1003', 'Invalid value: a lead cannot be merged into itself');
  const require = (id: number): LeadRow => {
    const row = leads.get(id);
    if (!row) throw new ApiError('1004', `Lead '${showValue(id)}' not found`);
    return row;
  };
  require(winnerId);
  const losers = loserIds.map(require);
  core.database.transaction(() => {
    for (const loser of losers) mergeOne(require(winnerId), loser, call, options);
  })();
  return {};
}

function mergeOne(
  winner: LeadRow,
  loser: LeadRow,
  { user, via }: Call,
  { fields, writer, lists, activities }: LeadMergeOptions,
): void {
  const context = { by: user.userName, via, source: 'Web service API' };
  const changes: LeadChanges = new Map();
  for (const [name, value] of Object.entries(loser.values)) {
    const field = fields.get(name);
    if (!field || field.readOnly || winner.values[name] !== undefined) continue;
    changes.set(field, value);
  }
  for (const list of lists.listsOf(loser.id)) lists.addMember(list.id, winner.id);
  writer.remove(loser, context, winner.id);
  writer.update(winner, changes, context);
  activities.record(winner.id, ActivityTypeId.MergeLeads, {
    primaryAttributeValueId: winner.id,
    primaryAttributeValue: String(winner.values.email ?? winner.id),
    attributes: [
      { name: 'Merge IDs', value: [loser.id] },
      { name: 'Merge Source', value: 'Web service API' },
    ],
  });
}
