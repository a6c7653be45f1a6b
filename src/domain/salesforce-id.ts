/** An Id of Salesforce has this length in its descriptions. */
export const SALESFORCE_ID_LENGTH = 18;

const SUFFIX_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const ID = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

/** The three letters that tell which of the fifteen are capitals (Salesforce help, "Record IDs"). */
function suffixOf(id15: string): string {
  let suffix = '';
  for (const group of [id15.slice(0, 5), id15.slice(5, 10), id15.slice(10, 15)]) {
    let index = 0;
    for (let position = 0; position < 5; position++) if (/[A-Z]/.test(group[position] ?? '')) index += 1 << position;
    suffix += SUFFIX_LETTERS[index];
  }
  return suffix;
}

/**
 * The 18-character form of an Id of Salesforce.
 * @param id15or18 without outer blanks; the suffix may be in small letters
 * @returns null for what is no Id: another length, other characters, or a suffix that contradicts the first fifteen
 */
export function salesforceId18(id15or18: string): string | null {
  if (!ID.test(id15or18)) return null;
  const id15 = id15or18.slice(0, 15);
  const suffix = suffixOf(id15);
  return id15or18.length === 15 || id15or18.slice(15).toUpperCase() === suffix ? id15 + suffix : null;
}
