import { Command, CommanderError } from 'commander';
import { addAuditCommands } from './commands/audit';
import { addConnectionCommands } from './commands/connections';
import { addDefinitionCommands } from './commands/definitions';
import { addExecutionCommands } from './commands/executions';
import { addSignInCommands } from './commands/sign-in';
import { addSyncCommands } from './commands/syncs';
import { Context } from './context';
import { printable } from './print';
import { CliError, EXIT, type ExitCode, type World } from './world';

const EXIT_CODES = `
Exit codes:
  0  it is done, and all is well
  1  a problem was found, a run has not succeeded, or the server refused
  2  the command line is wrong
  3  the server cannot be reached, or the key does not reach`;

/** Runs one command line. @param args without the program's own name @returns the exit code */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  const program = new Command('syncctl')
    .description('Works with Sync: connections, syncs, executions, and definitions as files.')
    .option('--json', 'write JSON')
    .configureOutput({
      writeOut: (text) => world.output.write(text),
      writeErr: (text) => world.messages.write(text),
    })
    .exitOverride()
    .showHelpAfterError('(add --help for what can be given)')
    .addHelpText('after', EXIT_CODES);
  const context = new Context(world, () => program.opts<{ json?: boolean }>().json ?? false);
  addSignInCommands(program, context);
  addConnectionCommands(program, context);
  addSyncCommands(program, context);
  addExecutionCommands(program, context);
  addDefinitionCommands(program, context);
  addAuditCommands(program, context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return tell(error, world);
  }
}

/** Errors that are none of ours pass on: they are bugs. */
function tell(error: unknown, { messages }: World): ExitCode {
  // its text has been written already
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (!(error instanceof CliError)) throw error;
  messages.write(`${printable(error.message)}\n`);
  for (const { place, message } of error.details) messages.write(`  ${printable(`${place}: ${message}`)}\n`);
  return error.exitCode;
}
