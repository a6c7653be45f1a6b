import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';

/** Writes the body of an answer as it comes, with a flat memory; the output stays open. */
export const copy = (body: ReadableStream<Uint8Array>, output: Writable): Promise<void> =>
  pipeline(Readable.fromWeb(body as NodeStream<Uint8Array>), output, { end: false }); // the same type, by its other name
