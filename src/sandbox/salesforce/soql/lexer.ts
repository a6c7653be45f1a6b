import type { ApiError } from '../api-error';
import { parseDate, parseDateTime } from '../value-parsing';
import { errorAt, malformed } from './soql-error';
import type { LikePattern } from './syntax';

export type Token =
  | { kind: 'word'; text: string; at: number }
  | { kind: 'punctuation'; text: string; at: number }
  | { kind: 'text'; text: string; value: string; pattern: LikePattern; likeEscape: string | undefined; at: number }
  | { kind: 'number'; text: string; value: number; at: number }
  | { kind: 'date'; text: string; at: number }
  | { kind: 'datetime'; text: string; value: number; at: number }
  | { kind: 'end'; text: '<EOF>'; at: number };

const WORD = /[A-Za-z_][A-Za-z0-9_]*(?::\d+)?/y;
const BLANK = /\s+/y;
const PUNCTUATION = /<=|>=|<>|!=|[=<>(),.]/y;
const DATE_OR_TIME = /\d{4}-\d{2}-\d{2}(?:T[0-9:.]+(?:Z|[+-]\d{2}:?\d{2})?)?/y;
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;

const ESCAPES: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  N: '\n',
  R: '\r',
  T: '\t',
  B: '\b',
  F: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/**
 * Cuts a query into words, literals and signs.
 * @throws ApiError MALFORMED_QUERY
 */
export function tokenize(soql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(soql)?.[0];
  };
  while (at < soql.length) {
    const blank = match(BLANK);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const token = soql[at] === "'" ? textToken(soql, at) : plainToken(soql, at, match);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: soql.length });
  return tokens;
}

function plainToken(soql: string, at: number, match: (pattern: RegExp) => string | undefined): Token {
  const word = match(WORD);
  if (word !== undefined) return { kind: 'word', text: word, at };
  const day = match(DATE_OR_TIME);
  if (day !== undefined) return dayToken(soql, at, day);
  const number = match(NUMBER);
  if (number !== undefined) return { kind: 'number', text: number, value: Number(number), at };
  const sign = match(PUNCTUATION);
  if (sign !== undefined) return { kind: 'punctuation', text: sign, at };
  const { row, column } = placeOf(soql, at);
  throw malformed(`line ${row}:${column} no viable alternative at character '${soql[at]}'`);
}

function dayToken(soql: string, at: number, text: string): Token {
  if (text.length === 10) {
    if (parseDate(text) === undefined) throw badLiteral(soql, at, text);
    return { kind: 'date', text, at };
  }
  const value = parseDateTime(text);
  if (value === undefined) throw badLiteral(soql, at, text);
  return { kind: 'datetime', text, value, at };
}

function badLiteral(soql: string, at: number, text: string): ApiError {
  return errorAt(soql, at, 'MALFORMED_QUERY', `Invalid date: ${text}`);
}

/** A text in quotes, with what it means to LIKE beside what it means elsewhere. */
function textToken(soql: string, at: number): Token {
  let value = '';
  let likeEscape: string | undefined;
  const pattern: (string | { wild: 'any' | 'one' })[] = [];
  let index = at + 1;
  const take = (text: string, length: number): void => {
    value += text;
    pattern.push(text);
    index += length;
  };
  for (;;) {
    const letter = soql[index];
    if (letter === undefined) {
      const { row, column } = placeOf(soql, soql.length);
      throw malformed(`line ${row}:${column} mismatched character '<EOF>' expecting '''`);
    }
    if (letter === "'") break;
    if (letter === '%' || letter === '_') {
      value += letter;
      pattern.push({ wild: letter === '%' ? 'any' : 'one' });
      index += 1;
    } else if (letter === '\\') {
      const next = soql[index + 1] ?? '';
      const unicode = /^[uU]([0-9a-fA-F]{4})/.exec(soql.slice(index + 1, index + 6))?.[1];
      const plain = Object.hasOwn(ESCAPES, next) ? ESCAPES[next] : undefined;
      if (unicode !== undefined) take(String.fromCharCode(Number.parseInt(unicode, 16)), 6);
      else if (plain !== undefined) take(plain, 2);
      else if (next === '_' || next === '%') {
        likeEscape ??= `\\${next}`;
        take(next, 2);
      } else throw illegalEscape(soql.slice(at + 1, index + 2), `\\${next}`);
    } else take(letter, 1);
  }
  return { kind: 'text', text: soql.slice(at, index + 1), value, pattern, likeEscape, at };
}

export function illegalEscape(literal: string, sequence: string): ApiError {
  return malformed(`Invalid string literal '${literal}'. Illegal character sequence '${sequence}' in string literal.`);
}

/** Row from 1, column from 0, as the vendor's lexer counts. */
function placeOf(soql: string, at: number): { row: number; column: number } {
  const before = soql.slice(0, at).split('\n');
  return { row: before.length, column: before[before.length - 1]?.length ?? 0 };
}
