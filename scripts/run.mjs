import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** The project's folder, without a slash at the end. */
export const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');

/** One line for a person who waits. */
export const say = (line) => console.log(line);

/**
 * Runs a program to its end, its output on ours. Signals that reach us are passed on, and end us too.
 * @returns {Promise<number>} its exit code
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options });
    let stoppedBy;
    const passOn = (signal) => {
      stoppedBy = signal;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, passOn);
      if (stoppedBy) process.exit(128 + constants.signals[stoppedBy]);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** Runs one of the project's own scripts or tools by the Node.js that runs this one. */
export const runNode = (args, options) => run(process.execPath, args, options);

/** Ends this process with a message for people, without a stack. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}
