import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { freePort } from '../support/ports';

/** Asks once, tells what came of it, and then asks until it is answered. */
const PROGRAM = `
const sql = require('postgres')(process.argv[1], { max: 1 });
const ask = () => sql\`select 'an answer' as answer\`.then(([{ answer }]) => answer, ({ code }) => code);
(async () => {
  console.log(await ask());
  while ((await ask()) !== 'an answer');
  await sql.end();
})();
`;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Stands before the database until a connection says such words: then it cuts that one, and takes no others until it is told to. */
class Gate {
  private isOver = false;
  private readonly server = createServer((client) => this.join(client));

  private constructor(
    private readonly words: string,
    private readonly port: number,
  ) {}

  static async open(words: string): Promise<Gate> {
    const gate = new Gate(words, await freePort());
    await gate.listen();
    return gate;
  }

  get url(): string {
    return Object.assign(new URL(database.url), { hostname: '127.0.0.1', port: String(this.port) }).href;
  }

  async listen(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  close(): void {
    this.server.close();
  }

  private join(client: Socket): void {
    const { hostname, port } = new URL(database.url);
    const behind = connect(Number(port), hostname);
    const end = () => {
      client.destroy();
      behind.destroy();
    };
    for (const socket of [client, behind]) socket.on('error', end).on('close', end);
    behind.on('data', (chunk) => void client.write(chunk));
    client.on('data', (chunk) => {
      if (this.isOver || !chunk.includes(this.words)) return void behind.write(chunk);
      this.isOver = true;
      this.close();
      end();
    });
  }
}

test.each([
  ['while it asks for the types of arrays', 'pg_catalog.pg_type', 'ECONNREFUSED'],
  ['while it asks what it was asked', 'an answer', 'CONNECTION_CLOSED'],
])('a connection that is lost %s fails its question, and does not end the process', async (_when, words, code) => {
  const gate = await Gate.open(words);
  const child = spawn(process.execPath, ['-e', PROGRAM, gate.url], {
    env: { ...process.env, NODE_PATH: resolve('node_modules') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');

  try {
    const line = once(createInterface(child.stdout), 'line');
    const [told] = await Promise.race([line, ended.then(([exit]) => [`ended with ${exit}`])]);
    await gate.listen();

    expect(told).toBe(code);
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    gate.close();
  }
});
