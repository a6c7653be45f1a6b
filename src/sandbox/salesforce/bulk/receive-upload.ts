import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ApiError } from '../api-error';
import { BodyTooLarge, ClientGone } from '../http-call';
import { errorCodeOf } from './error-code';

/**
 * Reads a file as it comes in, unpacked.
 * @param maxBytes most bytes as base64, by which the vendor counts (Bulk API 2.0 guide, "Upload Job Data")
 * @param take is given each piece
 * @throws BodyTooLarge, ClientGone, ApiError when it is not gzip though it says so
 */
export async function receiveUpload(
  request: IncomingMessage,
  maxBytes: number,
  take: (piece: Buffer) => void,
): Promise<void> {
  let size = 0;
  try {
    for await (const piece of unpacked(request)) {
      size += (piece as Buffer).length;
      // the rest of a file that is too large is read too, or the client would see a broken line instead of the refusal
      if (sizeAsBase64(size) <= maxBytes) take(piece as Buffer);
    }
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') throw new ClientGone();
    if (code.startsWith('Z_')) throw new ApiError(400, 'UNKNOWN_EXCEPTION', 'The body is not in GZIP format');
    throw error;
  }
  if (sizeAsBase64(size) > maxBytes) throw new BodyTooLarge(`${sizeAsBase64(size)} bytes as base64`);
}

function unpacked(request: IncomingMessage): Readable {
  if (request.headers['content-encoding']?.toLowerCase() !== 'gzip') return request;
  const gunzip = createGunzip();
  pipeline(request, gunzip, () => undefined); // an error of either is seen by who reads
  return gunzip;
}

/** Four letters stand for three bytes. */
function sizeAsBase64(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}
