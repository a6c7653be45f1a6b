/** How text is compared: without regard to case (SOQL guide, "Comparison Operators"). */
export function fold(text: string): string {
  return text.toLowerCase();
}

/** Text as it is sorted: without regard to case and accents; equal keys are ordered by the record's Id. */
export function sortKey(text: string): string {
  return isAscii(text) ? text.toLowerCase() : text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}

/** Blanks and control characters at both ends are dropped on save; a no-break space is none of them. */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}
