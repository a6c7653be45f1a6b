import type { FieldType, Value } from '../../domain/object-description';

/**
 * Salesforce puts the local part of an address in quotes when it has two dots in a row or ends with one
 * (release notes Spring '25, "Email Addresses with Invalid Dots"), so `a.@acme.example` is found as `"a."@acme.example` alone.
 */
const ODD_DOTS = /^([^"@]*(?:\.\.[^"@]*|\.))@([^@]+)$/;
const QUOTED = /^"([^"@]*(?:\.\.[^"@]*|\.))"@([^@]+)$/;

/** The forms in which Salesforce may hold an address. */
export function storedEmails(key: Value): Value[] {
  const odd = typeof key === 'string' ? ODD_DOTS.exec(key) : null;
  return odd ? [key, `"${odd[1]}"@${odd[2]}`] : [key];
}

/** The form in which people write an address that Salesforce holds with quotes. */
export function writtenEmail(stored: Value, type: FieldType): Value {
  const quoted = type === 'email' && typeof stored === 'string' ? QUOTED.exec(stored) : null;
  return quoted ? `${quoted[1]}@${quoted[2]}` : stored;
}
