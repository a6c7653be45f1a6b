import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports';

/** A port of this machine behind which a server is there or not, as the test says. */
export class Gate {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly target: { host: string; port: number },
  ) {}

  /** Closed at first. @param target the server behind it, as `host:port` */
  static async before(target: string): Promise<Gate> {
    const { hostname, port } = new URL(`tcp://${target}`);
    return new Gate(await freePort(), { host: hostname, port: Number(port) });
  }

  async open(): Promise<void> {
    const server = createServer((socket) => this.join(socket, connect(this.target)));
    this.server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  /** Nobody listens any more, and what was connected is cut. */
  async close(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(one: Socket, other: Socket): void {
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => undefined); // a cut is what the test wants
      from.once('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
