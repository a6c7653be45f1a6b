import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { NextFunction, RequestHandler } from 'express';
import { cutBody } from './body-cut';
import type { Clock, VendorInstance, VendorKind } from './core';
import { vendorErrorAnswer } from './fault-answers';
import type { FaultAction, FaultSet } from './faults';
import type { InternalDoor, InternalRequest } from './internal-door';
import type { LateEffects } from './late-effects';

export interface FaultContext {
  kind: VendorKind;
  faults: FaultSet;
  clock: Clock;
  random: () => number;
  /** Lets a request take effect without meeting any fault. */
  door: InternalDoor;
  lateEffects: LateEffects;
  vendor(): VendorInstance;
}

/** How often a slow body sends its next drop. */
const DROP_INTERVAL_MS = 100;

/** Stands before the vendor's router: requests that no fault concerns pass untouched, bodies unread. */
export function faultMiddleware(context: FaultContext): RequestHandler {
  return (request, response, next) => {
    meetFaults(context, request, response, next).catch(next);
  };
}

async function meetFaults(
  context: FaultContext,
  request: IncomingMessage,
  response: ServerResponse,
  next: NextFunction,
): Promise<void> {
  const method = request.method ?? 'GET';
  const url = request.url ?? '/';
  let body: Buffer | undefined;
  if (context.faults.needsBody({ method, url })) body = await readAll(request);
  const actions = context.faults.take({ method, url, body: body && plainText(request, body) });
  for (const action of actions) {
    if (action.type === 'delay') await pause(action.ms + Math.round(context.random() * action.jitterMs));
    if (action.type === 'expireTokens') context.vendor().expireTokens?.();
  }
  const decisive = actions.find((action) => action.type !== 'delay' && action.type !== 'expireTokens');
  if (!decisive && body === undefined) return next();
  const stored: InternalRequest = {
    method,
    url,
    headers: request.headers,
    body: body ?? (await readAllOf(decisive, request)),
  };
  await act(context, decisive, stored, response);
}

/** A body is read only where it is needed later: a connection that is cut at once leaves it on the wire. */
async function readAllOf(action: FaultAction | undefined, request: IncomingMessage): Promise<Buffer> {
  return action?.type === 'resetBefore' || action?.type === 'hang' ? Buffer.alloc(0) : readAll(request);
}

async function act(
  { kind, door, lateEffects }: FaultContext,
  action: FaultAction | undefined,
  request: InternalRequest,
  response: ServerResponse,
): Promise<void> {
  switch (action?.type) {
    case undefined:
      return relay(await door.send(request), response);
    case 'respond':
      if (action.afterEffect) await readAll(await door.send(request));
      return answer(response, action.status, action.headers, action.body);
    case 'vendorError': {
      if (action.afterEffect) await readAll(await door.send(request));
      const { status, headers, body } = vendorErrorAnswer(kind, action);
      return answer(response, status, headers, body);
    }
    case 'resetBefore':
      return cut(response);
    case 'resetAfter':
      await readAll(await door.send(request));
      return cut(response);
    case 'late':
      lateEffects.add(request, action.afterMs);
      return cut(response);
    case 'partial': {
      await readAll(await door.send({ ...request, body: firstRecordsOnly(request.body, action.records) }));
      const unnamed = vendorErrorAnswer(kind, { code: kind === 'salesforce' ? 'UNKNOWN_EXCEPTION' : '611' });
      return answer(response, action.status, unnamed.headers, action.body ?? unnamed.body);
    }
    case 'slowBody':
      return relaySlowly(await door.send(request), response, action.bytesPerSecond);
    case 'cutBody':
      return relayCut(await door.send(uncompressed(request)), response, action);
    case 'hang':
      return; // the client has to give up
    default:
      throw new Error(`The fault ${action?.type} does not answer requests`);
  }
}

/** Resets the connection, so that the client sees an error and not an orderly end. */
function cut(response: ServerResponse): void {
  const socket = response.socket;
  if (!socket || socket.destroyed) return;
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

function answer(response: ServerResponse, status: number, headers: Record<string, string>, body: unknown): void {
  if (response.socket?.destroyed) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body === undefined) return void response.end();
  const isText = typeof body === 'string';
  if (!response.hasHeader('Content-Type'))
    response.setHeader('Content-Type', isText ? 'text/html;charset=UTF-8' : 'application/json;charset=UTF-8');
  response.end(isText ? body : JSON.stringify(body));
}

/** Headers that belong to one connection, not to the answer. */
const CONNECTION_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date', 'content-length']);

function copyHead(from: IncomingMessage, to: ServerResponse): void {
  to.statusCode = from.statusCode ?? 502;
  for (let index = 0; index < from.rawHeaders.length; index += 2) {
    const name = from.rawHeaders[index] ?? '';
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) to.appendHeader(name, from.rawHeaders[index + 1] ?? '');
  }
}

async function relay(from: IncomingMessage, to: ServerResponse): Promise<void> {
  const body = await readAll(from);
  copyHead(from, to);
  to.end(body.length > 0 ? body : undefined);
}

async function relaySlowly(from: IncomingMessage, to: ServerResponse, bytesPerSecond: number): Promise<void> {
  const body = await readAll(from);
  copyHead(from, to);
  if (body.length > 0) to.setHeader('Content-Length', body.length);
  to.flushHeaders();
  const drop = Math.max(1, Math.floor((bytesPerSecond * DROP_INTERVAL_MS) / 1000));
  const intervalMs = Math.max(DROP_INTERVAL_MS, 1000 / bytesPerSecond);
  for (let offset = 0; offset < body.length && !to.destroyed; offset += drop) {
    await pause(intervalMs);
    to.write(body.subarray(offset, offset + drop));
  }
  to.end();
}

async function relayCut(
  from: IncomingMessage,
  to: ServerResponse,
  { at, ending }: Extract<FaultAction, { type: 'cutBody' }>,
): Promise<void> {
  const body = await readAll(from);
  const part = cutBody(body, at);
  copyHead(from, to);
  if (ending === 'clean') return void to.end(part);
  to.setHeader('Content-Length', body.length);
  await new Promise<void>((resolve) => {
    to.write(part, () => resolve());
  });
  // the part must have left the process before the connection goes, or the client would see nothing of it
  await pause(20);
  to.socket?.destroy();
}

function uncompressed(request: InternalRequest): InternalRequest {
  return { ...request, headers: { ...request.headers, 'accept-encoding': 'identity' } };
}

/** Salesforce's collections carry `records`, Marketo's calls `input`; a CSV carries rows. */
function firstRecordsOnly(body: Buffer, records: number): Buffer {
  const text = body.toString('utf8');
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return body;
    const shortened = Object.entries(parsed).map(([key, value]) =>
      (key === 'records' || key === 'input') && Array.isArray(value) ? [key, value.slice(0, records)] : [key, value],
    );
    return Buffer.from(JSON.stringify(Object.fromEntries(shortened)));
  } catch {
    return Buffer.from(
      text
        .split('\n')
        .slice(0, records + 1)
        .join('\n'),
    );
  }
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function plainText(request: IncomingMessage, body: Buffer): string {
  if (request.headers['content-encoding'] !== 'gzip') return body.toString('utf8');
  try {
    return gunzipSync(body).toString('utf8');
  } catch {
    return ''; // not gzip after all: the vendor's router will say so
  }
}
