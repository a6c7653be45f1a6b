const SUFFIX_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const ID = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

/** The three letters that tell the capitals of a 15-character Id (Salesforce help, "Record IDs"). */
function suffixOf(id: string): string {
  let suffix = '';
  for (let group = 0; group < 15; group += 5) {
    let index = 0;
    for (let position = 0; position < 5; position++) {
      const letter = id[group + position] ?? '';
      if (letter >= 'A' && letter <= 'Z') index += 2 ** position;
    }
    suffix += SUFFIX_LETTERS[index] ?? '';
  }
  return suffix;
}

/**
 * The 18-character form of an Id.
 * @returns null for what is no Id: another length, other characters, or a suffix that contradicts the first fifteen
 */
export function toLongId(text: string): string | null {
  if (!ID.test(text)) return null;
  const long = text.slice(0, 15) + suffixOf(text);
  return text.length === 15 || text.slice(15).toUpperCase() === long.slice(15) ? long : null;
}
