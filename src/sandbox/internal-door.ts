import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestHandler } from 'express';
import express from 'express';

export interface InternalRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A second way into an instance, which no fault guards and no counter watches; open from its first use on. */
export interface InternalDoor {
  send(request: InternalRequest): Promise<IncomingMessage>;
  close(): Promise<void>;
}

const HOP_HEADERS = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect'];

export function createInternalDoor(handler: RequestHandler, bodyLimits: { maxHeaderSize: number }): InternalDoor {
  let opening: Promise<Server> | undefined;
  const open = (): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer(
        { maxHeaderSize: bodyLimits.maxHeaderSize * 2 },
        express().disable('x-powered-by').use(handler),
      );
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
    });
  return {
    async send({ method, url, headers, body }) {
      opening ??= open();
      const { port } = (await opening).address() as AddressInfo;
      const passedOn: IncomingHttpHeaders = { ...headers };
      for (const name of HOP_HEADERS) delete passedOn[name];
      if (body.length > 0 || (method !== 'GET' && method !== 'HEAD')) passedOn['content-length'] = String(body.length);
      return new Promise((resolve, reject) => {
        const sent = httpRequest(
          { host: '127.0.0.1', port, method, path: url, headers: passedOn, agent: false },
          resolve,
        );
        sent.once('error', reject);
        sent.end(body);
      });
    },
    async close() {
      const server = await opening?.catch(() => undefined);
      if (!server) return;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
