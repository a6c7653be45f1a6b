import type { ApiError } from '../api-error';
import type { Token } from './lexer';
import { errorAt, tooComplicated } from './soql-error';

/** Deeper nesting is refused rather than risking the process's stack. */
const MAX_NESTING = 200;

/** A place in the tokens of a query, which moves on as they are understood. */
export class TokenCursor {
  protected index = 0;
  private nesting = 0;

  /** @param tokens as the lexer gives them: the last one is the end */
  constructor(
    protected readonly soql: string,
    protected readonly tokens: readonly Token[],
  ) {}

  protected name(): string {
    const token = this.peek();
    if (token.kind !== 'word' || token.text.includes(':')) throw this.unexpected();
    this.index += 1;
    return token.text;
  }

  protected peek(): Token {
    return this.tokens[this.index] as Token; // the last token is the end, which nothing passes
  }

  protected isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'word' && token.text.toUpperCase() === word;
  }

  protected isSignAhead(sign: string): boolean {
    const token = this.tokens[this.index + 1];
    return token?.kind === 'punctuation' && token.text === sign;
  }

  protected takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.index += 1;
    return true;
  }

  protected takeSign(sign: string): boolean {
    const token = this.peek();
    if (token.kind !== 'punctuation' || token.text !== sign) return false;
    this.index += 1;
    return true;
  }

  protected expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected();
  }

  protected expectSign(sign: string): void {
    if (!this.takeSign(sign)) throw this.unexpected();
  }

  protected nested<T>(parse: () => T): T {
    this.nesting += 1;
    if (this.nesting > MAX_NESTING) throw tooComplicated();
    const result = parse();
    this.nesting -= 1;
    return result;
  }

  protected unexpected(index = this.index): ApiError {
    const token = this.tokens[index] as Token; // only ever a token that was looked at
    return errorAt(this.soql, token.at, 'MALFORMED_QUERY', `unexpected token: '${token.text}'`);
  }
}
