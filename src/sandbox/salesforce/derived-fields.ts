import { STAGES } from './objects/business-objects';
import type { ObjectSchema } from './org-schema';
import type { StoredRow } from './record-store';
import type { StoredValue } from './stored-values';

/** Reads another record of the org, for fields that mirror it. */
export type ReadRecord = (reference: StoredValue) => { object: ObjectSchema; row: StoredRow } | undefined;

/**
 * Sets the fields that follow from others: a person's Name, what a stage means, what a campaign member mirrors.
 * @param sent names of the fields that the client has set itself
 */
export function setDerivedFields(
  object: ObjectSchema,
  row: StoredRow,
  sent: ReadonlySet<string>,
  read: ReadRecord,
  stamp: number,
): void {
  const get = (name: string): StoredValue => row[object.storedField(name)?.position ?? -1] ?? null;
  const set = (name: string, value: StoredValue): void => {
    const position = object.storedField(name)?.position;
    if (position !== undefined && position >= 0) row[position] = value;
  };
  switch (object.name) {
    case 'Lead':
    case 'Contact':
    case 'User':
      set('Name', personName(get('FirstName'), get('LastName')));
      break;
    case 'Opportunity':
      setStage(get, set, sent, stamp);
      break;
    case 'Task':
      set('IsClosed', get('Status') === 'Completed' ? 1 : 0);
      set('IsHighPriority', get('Priority') === 'High' ? 1 : 0);
      if (get('Status') === 'Completed' && get('CompletedDateTime') === null) set('CompletedDateTime', stamp);
      break;
    case 'CampaignMember':
      mirrorPerson(get, set, read, stamp);
      break;
  }
}

type Get = (name: string) => StoredValue;
type Assign = (name: string, value: StoredValue) => void;

function personName(first: StoredValue, last: StoredValue): string | null {
  const parts = [first, last].filter((part) => part !== null && part !== '');
  return parts.length > 0 ? parts.join(' ') : null;
}

function setStage(get: Get, set: Assign, sent: ReadonlySet<string>, stamp: number): void {
  const stage = STAGES.find(({ name }) => name === get('StageName'));
  if (stage && (sent.has('StageName') || get('Probability') === null)) {
    if (!sent.has('Probability')) set('Probability', stage.probability);
    set('IsClosed', stage.closed ? 1 : 0);
    set('IsWon', stage.won ? 1 : 0);
    set('ForecastCategory', stage.forecast);
    if (!sent.has('ForecastCategoryName')) set('ForecastCategoryName', stage.forecast);
    if (sent.has('StageName')) set('LastStageChangeDate', stamp);
  }
  const amount = get('Amount');
  const probability = get('Probability');
  const isKnown = typeof amount === 'number' && typeof probability === 'number';
  set('ExpectedRevenue', isKnown ? Math.round(amount * probability) / 100 : null);
  const closeDate = get('CloseDate');
  if (typeof closeDate === 'string') {
    const year = Number(closeDate.slice(0, 4));
    const quarter = Math.ceil(Number(closeDate.slice(5, 7)) / 3);
    set('FiscalYear', year);
    set('FiscalQuarter', quarter);
    set('Fiscal', `${year} ${quarter}`);
  }
}

const MIRRORED = [
  'Salutation',
  'Name',
  'FirstName',
  'LastName',
  'Title',
  'Email',
  'Phone',
  'MobilePhone',
  'LeadSource',
  'DoNotCall',
  'HasOptedOutOfEmail',
];
const MIRRORED_ADDRESS = ['City', 'State', 'PostalCode', 'Country'];

function mirrorPerson(get: Get, set: Assign, read: ReadRecord, stamp: number): void {
  const reference = get('ContactId') ?? get('LeadId');
  set('LeadOrContactId', reference);
  const hasResponded = get('Status') === 'Responded';
  set('HasResponded', hasResponded ? 1 : 0);
  if (hasResponded && get('FirstRespondedDate') === null)
    set('FirstRespondedDate', new Date(stamp).toISOString().slice(0, 10));
  const person = read(reference);
  if (!person) return;
  const of = (name: string): StoredValue => person.row[person.object.storedField(name)?.position ?? -1] ?? null;
  for (const name of MIRRORED) set(name, of(name));
  const prefix = person.object.name === 'Contact' ? 'Mailing' : '';
  for (const name of MIRRORED_ADDRESS) set(name, of(`${prefix}${name}`));
  if (person.object.name === 'Lead') set('CompanyOrAccount', of('Company'));
  else {
    const account = read(of('AccountId'));
    set('CompanyOrAccount', account?.row[account.object.storedField('Name')?.position ?? -1] ?? null);
  }
}
