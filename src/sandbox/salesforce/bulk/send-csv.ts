import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { takesGzip } from '../http-call';
import { errorCodeOf } from './error-code';

/** Sends a file piece by piece as the client takes it, packed whenever the client allows that. */
export async function sendCsv(
  request: IncomingMessage,
  response: ServerResponse,
  pieces: Iterable<string | Buffer>,
): Promise<void> {
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/csv;charset=UTF-8');
  response.setHeader('Vary', 'Accept-Encoding');
  const isPacked = takesGzip(request.headers);
  if (isPacked) response.setHeader('Content-Encoding', 'gzip');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const source = Readable.from(pieces);
  try {
    if (isPacked) await pipeline(source, createGzip({ level: 1 }), response);
    else await pipeline(source, response);
  } catch (error) {
    // the client went away before it had everything
    if (errorCodeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
