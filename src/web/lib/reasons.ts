import type { SkipReason } from '../../domain/outcome';
import type { RefusalCode } from '../../domain/values';

/** Why a value does not fit its field. */
const REFUSAL_WORDS: Record<RefusalCode, string> = {
  tooLong: 'The value is too long for the field',
  notANumber: 'The value is not a number',
  notWhole: 'The value is not a whole number',
  outOfRange: 'The number is larger than the field holds',
  notABoolean: 'The value is neither true nor false',
  notADate: 'The value is not a date',
  notADateTime: 'The value is not a date with a time',
  notATime: 'The value is not a time',
  notAnEmail: 'The value is not an e-mail address',
  notInPicklist: 'The value is not in the picklist of the field',
  notAnId: 'The value is not an Id',
};

const SKIP_WORDS: Record<SkipReason, string> = {
  exists: 'The destination has it already',
  notFound: 'The destination does not have it',
  noKey: 'It has no match key',
  cancelled: 'It was not reached before the execution ended',
  missingReference: 'The record that it refers to is missing',
  changedSincePreview: 'It has changed since the preview',
  deletedInSource: 'The source does not have it any more',
  changedSince: 'Somebody has changed it since',
  deletedSince: 'Somebody has deleted it since',
  unknownId: 'Its Id in the destination is not known',
};

/** Every other reason that Sync gives by itself. */
const OWN_WORDS: Record<string, string> = {
  ...REFUSAL_WORDS,
  ...SKIP_WORDS,
  filter: 'Left out by the filter',
  ignoreDuplicates: 'Other records have its key',
  youngestByLastUpdate: 'Another record with its key was updated later',
  oldestByCreation: 'Another record with its key was created earlier',
  ambiguous: 'Several destination records have this key',
  ambiguousReference: 'What it refers to matches several records',
  requiredMissing: 'A field that is required has no value',
  notInTable: 'The value table lacks the value',
  expression: 'The expression cannot be computed',
  locked: 'The record of the destination cannot be changed',
  inDoubt: 'It cannot be told whether it was written',
  keyDiffers: 'What the match field would hold is not the match key',
  keyNotWritable: 'The match key cannot be written',
  tooLarge: 'The record is too large for one call',
  deleted: 'Deleted again by the undo',
  restored: 'Given its values back by the undo',
};

/** Codes that the vendors give for a record, as docs/errors.md tells them; a test holds one to the other. */
export const VENDOR_WORDS: Record<string, string> = {
  '1001': 'A value is of another type',
  '1003': 'Something is not valid: Marketo uses it for whatever has no code of its own',
  '1004': 'The person is not there',
  '1006': 'A field is not there; the whole record was left out',
  '1007': 'The key fits several people; none was changed',
  '1008': "The person's partition is closed to the API user",
  '1009': 'A new person needs the name of a partition',
  '1010': 'The person is in another partition',
  '1011': 'The field cannot be looked up by',
  '1013': 'An object, such as a list or a company, is not there',
  '1015': 'The person is not in the list',
  '1018': 'The native CRM sync forbids the change',
  '1021': 'Company fields cannot be changed on a person',
  '1022': 'The object is in use',
  '1025': 'The status is none of the channel',
  '1036': 'Two records of a call are the same to Marketo',
  '1037': 'The member of the program has this status already, or a later one',
  '1042': 'A time lies too far ahead',
  '1076': 'The CRM has duplicates of the person',
  '1077': 'A field of the CRM is too short',
  '1078': 'The record is deleted in the CRM',
  '1079': 'A personalised address belongs to another person',
  REQUIRED_FIELD_MISSING: 'A required field is blank',
  FIELD_CUSTOM_VALIDATION_EXCEPTION: 'A validation rule of the organisation refused the record',
  DUPLICATES_DETECTED: 'A duplicate rule of the organisation refused the record',
  DUPLICATE_VALUE: 'Another record holds this unique value',
  DUPLICATE_EXTERNAL_ID: 'Several records hold this external Id',
  MULTIPLE_CHOICES: 'Several records hold this key',
  STRING_TOO_LONG: 'A text is longer than its field',
  INVALID_EMAIL_ADDRESS: 'An e-mail address is not valid',
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: 'A value is not in its restricted picklist',
  INVALID_FIELD: 'Salesforce does not have one of the fields, or the user may not see it',
  INVALID_FIELD_FOR_INSERT_UPDATE: 'A mapped field cannot be written by this user',
  INVALID_TYPE_ON_FIELD_IN_RECORD: 'A value does not fit the type of its field',
  JSON_PARSER_ERROR: 'A value does not fit the type of its field',
  MALFORMED_ID: 'An Id is not valid',
  INVALID_ID_FIELD: 'An Id is not valid',
  INVALID_CROSS_REFERENCE_KEY: 'A record that is referred to does not exist or is not visible',
  FIELD_INTEGRITY_EXCEPTION: 'A value contradicts another one or a rule of the organisation',
  FIELD_FILTER_VALIDATION_EXCEPTION: 'A look-up filter of the organisation refused a value',
  ENTITY_IS_DELETED: 'The record has been deleted',
  CANNOT_UPDATE_CONVERTED_LEAD: 'The lead has been converted and cannot be changed',
  INVALID_PERSON_ACCOUNT_OPERATION: 'Fields of a person and of a business account cannot be mixed',
  MISSING_ARGUMENT: 'The Id of the record is missing',
  INSUFFICIENT_ACCESS_OR_READONLY: 'The user of this connection may not change this',
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: 'The user may not use a record that is referred to',
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: 'An automation of the organisation refused the record',
  CANNOT_EXECUTE_FLOW_TRIGGER: 'A flow of the organisation refused the record',
  INACTIVE_OWNER_OR_USER: 'The owner is inactive',
  ENTITY_IS_LOCKED: 'The record is locked, for example by an approval',
};

/** A reason in words. A code of a vendor stays beside them, since people look it up; one that is not known stays as it is. */
export function reasonInWords(reason: string): string {
  const own = OWN_WORDS[reason];
  if (own !== undefined) return own;
  const words = VENDOR_WORDS[reason];
  return words === undefined ? reason : `${words} (${reason})`;
}
