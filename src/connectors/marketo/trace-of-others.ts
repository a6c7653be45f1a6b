import type { ObjectDescription } from '../../domain/object-description';
import type { TraceOfOthers } from '../../domain/undo';
import { kindOf } from './objects';

/**
 * What Marketo fills in of people by itself: how they came, what they are, scores and models, and the particulars of the company, which
 * are the company's own and stay when the person is deleted (Marketo developer guide, "Leads"; Describe).
 */
const BY_MARKETO: ReadonlySet<string> = new Set([
  ...['personType', 'isLead', 'isAnonymous', 'mktoIsCustomer', 'mktoIsPartner', 'anonymousIP', 'cookies'],
  ...['registrationSourceType', 'registrationSourceInfo', 'acquisitionProgramId', 'mktoAcquisitionDate'],
  ...['leadPartitionId', 'leadRevenueCycleModelId', 'leadRevenueStageId'],
  ...['leadScore', 'urgency', 'priority', 'relativeScore', 'relativeUrgency'],
  ...['emailInvalid', 'emailInvalidCause', 'emailSuspended', 'emailSuspendedCause', 'emailSuspendedAt'],
  ...[
    'site',
    'billingStreet',
    'billingCity',
    'billingState',
    'billingCountry',
    'billingPostalCode',
    'website',
    'mainPhone',
  ],
  ...['annualRevenue', 'numberOfEmployees', 'industry', 'sicCode', 'mktoCompanyNotes', 'externalCompanyId'],
]);

/**
 * Marketo tells nobody who changed a record, its `updatedAt` moves with its own upkeep and not with every field, and so what tells is
 * what the other fields hold. The fields of a member of a program are filled by the program itself.
 */
export function traceOfOthers({ name: objectName, fields }: ObjectDescription): TraceOfOthers | null {
  if (kindOf(objectName).programId !== undefined) return null;
  const isOfPeople = objectName === 'Lead';
  const names = fields
    .filter(({ name, updateable }) => updateable && !(isOfPeople && BY_MARKETO.has(name)))
    .map(({ name }) => name);
  return { by: 'values', fields: names };
}
