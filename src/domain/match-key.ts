import { trimBlanks, trimPlainBlanks, withoutNul } from './blank';
import { formatDecimal, numberText, parseDecimal } from './decimal';
import type { FieldType, Value } from './object-description';
import { SALESFORCE_ID_LENGTH, salesforceId18 } from './salesforce-id';

/** What keys are compared as: the type of the destination's match field, and whether capitals count in it. */
export interface KeyKind {
  type: FieldType;
  caseSensitive: boolean;
}

/**
 * The form in which a value is compared as a match key: two records are the same to a sync when their keys are equal. Text is
 * without NUL, NFC-normalised, trimmed and in small letters (unless capitals count), an Id has 18 characters, a number no superfluous digits.
 * @returns null for a blank, which is nobody's key
 */
export function matchKey(value: Value, kind: KeyKind): string | null {
  if (value === null) return null;
  const text = typeof value === 'number' ? numberText(value) : trimBlanks(withoutNul(String(value)).normalize('NFC'));
  if (text === '') return null;
  switch (kind.type) {
    case 'id':
    case 'reference':
      // what is no Id stays apart from all Ids; `keyProblem` tells what is wrong with it
      return salesforceId18(text) ?? text;
    case 'integer':
    case 'number': {
      const decimal = parseDecimal(text);
      return decimal ? formatDecimal(decimal) : text;
    }
    default:
      return kind.caseSensitive ? text : text.toLowerCase().normalize('NFC');
  }
}

/**
 * A text as it is written to the match field: without outer blanks and with its accents joined to their letters, which are no part of its meaning. What
 * a system makes of a no-break space, when it keeps or looks up a value, is told by neither.
 */
export const keyText = (text: string): string => trimBlanks(text).normalize('NFC');

/**
 * The forms in which a key is looked up: systems compare the code points of texts, all but capitals, so that a text which is kept in other ones than
 * those of its key (an accent of its own, a no-break space) is found by itself alone.
 * @param text what the match field holds, or is given
 * @returns the key; the text as it is, as it would be written, and with accents of their own, as far as these differ
 */
export function keyForms(key: string, text: Value | undefined, { type }: Pick<KeyKind, 'type'>): string[] {
  if (typeof text !== 'string' || NOT_TEXT.has(type)) return [key];
  const written = keyText(withoutNul(text));
  const forms = [key];
  for (const form of [trimPlainBlanks(withoutNul(text)), written, written.normalize('NFD')]) {
    const isAlike = forms.some((one) => form.length === one.length && form.toLowerCase() === one.toLowerCase());
    if (form !== '' && !isAlike) forms.push(form);
  }
  return forms;
}

const NOT_TEXT: ReadonlySet<FieldType> = new Set(['id', 'reference', 'integer', 'number']);

/**
 * Why a value cannot be a key of the destination's match field, although it is not blank: no record can ever hold it, so it must
 * neither be looked up nor created.
 * @param kind.length tells Ids of Salesforce from those of Marketo, which are numbers or texts of a form of their own
 * @returns null when it can
 */
export function keyProblem(
  value: Value,
  kind: KeyKind & { length: number | null },
): { code: string; message: string } | null {
  const [isId, isNumber] = [
    (kind.type === 'id' || kind.type === 'reference') && kind.length === SALESFORCE_ID_LENGTH,
    kind.type === 'integer' || kind.type === 'number',
  ];
  const key = isId || isNumber ? matchKey(value, kind) : null;
  if (key === null) return null;
  if (isId && salesforceId18(key) === null) {
    return {
      code: 'notAnId',
      message:
        'The match key is no Id of Salesforce: an Id has 15 characters, or 18 with the suffix that belongs to them.',
    };
  }
  if (isNumber && parseDecimal(key) === null) {
    return { code: 'notANumber', message: 'The match key is no number, and the destination is matched by a number.' };
  }
  return null;
}
