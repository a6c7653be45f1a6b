import { once } from 'node:events';
import { createServer } from 'node:net';
import { errorCode } from './error-code';

/** A port that a part will listen on, and the setting that changes it. */
export interface NeededPort {
  setting: string;
  host: string;
  port: number;
}

/** Ports are taken by other programs. The message names each with the setting that changes it. */
export class PortsTakenError extends Error {
  override name = 'PortsTakenError';
  constructor(taken: readonly NeededPort[]) {
    super(
      taken
        .map(
          ({ setting, host, port }) =>
            `Port ${port} on ${host} is taken by another program. Set ${setting} to a free one.`,
        )
        .join('\n'),
    );
  }
}

/** @throws PortsTakenError */
export async function requireFreePorts(needed: readonly NeededPort[]): Promise<void> {
  const states = await Promise.all(needed.map(isFree));
  const taken = needed.filter((_, at) => !states[at]);
  if (taken.length > 0) throw new PortsTakenError(taken);
}

async function isFree({ host, port }: NeededPort): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return false;
    throw error;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
