/** Less would be found by accident. */
const LEAST = 8;

/**
 * Ways in which a text may be written within another one: as it is, in JSON, in a URL, as hexadecimal digits, and in base64, where the bytes
 * before decide by which of three alignments.
 */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text, 'utf8');
  const hex = bytes.toString('hex');
  const forms = new Set([text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), hex, hex.toUpperCase()]);
  for (const offset of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
    for (const encoding of ['base64', 'base64url'] as const) {
      // what shares a group of three bytes with others is left out at both ends
      const written = whole.toString(encoding).replace(/=+$/, '');
      forms.add(written.slice(Math.ceil((offset * 4) / 3), Math.floor(whole.length / 3) * 4));
    }
  }
  return [...forms].filter((form) => form.length >= LEAST);
}

/** The places, by name, whose text holds a marker in any form; sorted. */
export function placesOf(marker: string, places: ReadonlyMap<string, string>): string[] {
  const forms = formsOf(marker);
  return [...places].flatMap(([name, text]) => (forms.some((form) => text.includes(form)) ? [name] : [])).sort();
}
