import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookPayload } from '../../src/api/schemas/webhooks';

/** A request that the receiver got. */
export interface Got {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  payload: WebhookPayload;
}

type Answer = (got: Got, response: ServerResponse) => void;

const TAKEN: Answer = (_got, response) => response.writeHead(204).end();

/** A server that gets events, on this machine and over plain http. */
export class WebhookReceiver {
  readonly got: Got[] = [];
  /** What it answers; a 204 unless told otherwise. */
  answer: Answer = TAKEN;
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    /** `host:port` */
    readonly host: string,
  ) {}

  static async start(port = 0): Promise<WebhookReceiver> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const receiver = new WebhookReceiver(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void receiver.take(request, response));
    return receiver;
  }

  get url(): string {
    return `http://${this.host}/hooks`;
  }

  get port(): number {
    return Number(this.host.split(':')[1]);
  }

  /** Waits until what it got is as it should be; the test's own time limit ends it. */
  async until(holds: (got: readonly Got[]) => boolean): Promise<readonly Got[]> {
    while (!holds(this.got)) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.got;
  }

  /** Forgets what it got, and answers as at first. */
  reset(): void {
    this.got.length = 0;
    this.answer = TAKEN;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const got = {
      path: request.url ?? '',
      headers: request.headers,
      body,
      payload: JSON.parse(body) as WebhookPayload,
    };
    this.got.push(got);
    this.answer(got, response);
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Verifies a request as the documents of Standard Webhooks say it, with other means than those it is signed with. */
export async function isSigned({ headers, body }: Pick<Got, 'headers' | 'body'>, secret: string): Promise<boolean> {
  const raw = Uint8Array.from(atob(secret.replace('whsec_', '')), (character) => character.charCodeAt(0));
  const key = await webcrypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const signed = new TextEncoder().encode(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  const signatures = String(headers['webhook-signature']).split(' ');
  const verified = signatures.map((text) => {
    const [version, signature = ''] = text.split(',');
    const bytes = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
    return version === 'v1' && webcrypto.subtle.verify('HMAC', key, bytes, signed);
  });
  return (await Promise.all(verified)).includes(true);
}
