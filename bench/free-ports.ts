import { createServer } from 'node:net';
import type { Everything } from './everything';

/** Ports below those that the system gives to connections. */
const FIRST_PORT = 20_000;
const PORT_BLOCKS = 100;
const PORTS_A_BLOCK = 100;

/** Ports for everything, of which nobody has any: those that a benchmark has otherwise may be another's on a shared machine. */
export async function freePorts(): Promise<Parameters<typeof Everything.with>[2]> {
  for (;;) {
    const first = FIRST_PORT + Math.floor(Math.random() * PORT_BLOCKS) * PORTS_A_BLOCK;
    const block = Array.from({ length: PORTS_A_BLOCK }, (_, index) => first + index);
    if (!(await Promise.all(block.map(isFree))).every(Boolean)) continue;
    return {
      PORT: `${first}`,
      SYNC_POSTGRES_PORT: `${first + 1}`,
      SYNC_TEMPORAL_PORTS: `${first + 2},${first + 3}`,
      // each vendor's further instances take the ports after its own
      SYNC_SANDBOX_PORTS: `${first + 10},${first + 30},${first + 4}`,
      SYNC_SANDBOX_TLS_PORTS: `${first + 50},${first + 70}`,
    };
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen(port, '127.0.0.1', () => server.close(() => settle(true)));
  });
}
