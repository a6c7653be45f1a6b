import type { Answer } from './http-call';

const REFERENCE = /@\{([A-Za-z0-9_]+)((?:\.[^.[\]{}]+|\[\d{1,4}\])*)\}/g;
const STEP = /\.([^.[\]{}]+)|\[(\d{1,4})\]/g;
const FIRST_ERROR_STATUS = 300;

/** A call names an answer, or a part of one, that is not there. */
export class InvalidReferenceError extends Error {
  override name = 'InvalidReferenceError';
}

/**
 * Answers that later calls of the same composite request name: `@{acc.id}`, `@{found.records[0].Id}`, `@{many[1].id}`
 * (REST guide, "Composite", "Using Reference IDs").
 */
export class AnswerReferences {
  private readonly answers = new Map<string, Answer>();
  /** Bodies that have been read, since few are named at all. */
  private readonly bodies = new Map<string, unknown>();

  keep(referenceId: string, answer: Answer): void {
    this.answers.set(referenceId, answer);
  }

  /**
   * Puts values where they are named in a text.
   * @param write how a value is written there
   * @throws InvalidReferenceError
   */
  fill(text: string, write: (value: string) => string): string {
    return text.replace(REFERENCE, (_all, referenceId: string, path: string) => write(this.valueOf(referenceId, path)));
  }

  /** The same for all texts of a body. @throws InvalidReferenceError */
  fillAll(value: unknown): unknown {
    if (typeof value === 'string') return this.fill(value, (text) => text);
    if (Array.isArray(value)) return value.map((item) => this.fillAll(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.fillAll(item)]));
  }

  private valueOf(referenceId: string, path: string): string {
    let value = this.bodyOf(referenceId);
    for (const [, name, index] of path.matchAll(STEP)) value = stepInto(value, name ?? index ?? '');
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new InvalidReferenceError(
      `Invalid reference specified. No value for ${referenceId}${path} found in ${referenceId}`,
    );
  }

  private bodyOf(referenceId: string): unknown {
    if (this.bodies.has(referenceId)) return this.bodies.get(referenceId);
    const answer = this.answers.get(referenceId);
    const isGood = answer !== undefined && answer.status < FIRST_ERROR_STATUS && answer.body !== undefined;
    const body: unknown = isGood ? JSON.parse(answer.body ?? 'null') : undefined;
    this.bodies.set(referenceId, body);
    return body;
  }
}

function stepInto(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
