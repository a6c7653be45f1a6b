/** A text as it is searched: without accents, in lower case. "usak" finds "Uşak". */
export const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
