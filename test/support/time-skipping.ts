import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { freePort } from './ports';
import { fromSetUp, SERVICE_VARIABLES } from './service-variables';

/** In place of the server that the SDK would start: it is called with the port alone, and does nothing for so many seconds. */
const STAND_IN = '/bin/sleep';

/**
 * Starts a server in which months pass in seconds. It is started here and not by the SDK, which waits five seconds for it: a busy
 * machine does not always make that.
 */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const port = await freePort();
  const server = spawn(fromSetUp(SERVICE_VARIABLES.timeSkippingServer), [String(port)], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  await whenListening(port, () => server.exitCode !== null || server.signalCode !== null);
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { port, executable: { type: 'existing-path', path: STAND_IN } },
  });
  const tearDown = environment.teardown.bind(environment);
  environment.teardown = async () => {
    await tearDown();
    server.kill('SIGTERM');
    await ended;
  };
  return environment;
}

/** The test's own time limit ends the wait. */
async function whenListening(port: number, isOver: () => boolean): Promise<void> {
  for (;;) {
    if (isOver()) throw new Error('The time-skipping server ended before it could be used.');
    const socket = connect(port, '127.0.0.1');
    const isListening = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isListening) return;
    await setTimeout(100);
  }
}
