#!/usr/bin/env node
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './run';

const { env, stdin, stdout, stderr } = process;

// whoever reads the data has enough of it (`syncctl records … | head`)
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const configFolder = env.XDG_CONFIG_HOME || env.APPDATA || join(homedir(), '.config');

void runCli(process.argv.slice(2), {
  environment: env,
  configFolder,
  input: stdin,
  output: stdout,
  messages: stderr,
  isInteractive: Boolean(stdin.isTTY && stderr.isTTY),
}).then((exitCode) => {
  process.exitCode = exitCode;
});
