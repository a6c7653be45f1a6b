import { Command, CommanderError } from 'commander';
import { addAuditCommands } from './commands/audit';
import { addConnectionCommands } from './commands/connections';
import { addDefinitionCommands } from './commands/definitions';
import { addExecutionCommands } from './commands/executions';
import { addKeyCommands } from './commands/keys';
import { addSecretCommands } from './commands/secrets';
import { addSignInCommands } from './commands/sign-in';
import { addSyncCommands } from './commands/syncs';
import { Context } from './context';
import type { Printer } from './print';
import { CliError, EXIT, type ExitCode, type World } from './world';

const EXIT_CODES = `
Exit codes:
  0  it is done, and all is well
  1  a problem was found, a run has not succeeded, or the server refused
  2  the command line is wrong
  3  the server cannot be reached, or the key does not reach`;

/** Runs one command line. @param args without the program's own name @returns the exit code */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  // whether it was given has to be known also where the command line is wrong
  const isJson = args.includes('--json');
  const program = new Command('syncctl')
    .description('Works with Sync: connections, syncs, executions, and definitions as files.')
    .option('--json', 'write JSON')
    .configureOutput({
      writeOut: (text) => world.output.write(text),
      // with --json the error is told as an object, when it arrives below
      writeErr: (text) => isJson || world.messages.write(text),
    })
    .exitOverride()
    .showHelpAfterError('(add --help for what can be given)')
    .addHelpText('after', EXIT_CODES);
  const context = new Context(world, isJson);
  addSignInCommands(program, context);
  addConnectionCommands(program, context);
  addSyncCommands(program, context);
  addExecutionCommands(program, context);
  addDefinitionCommands(program, context);
  addAuditCommands(program, context);
  addKeyCommands(program, context);
  addSecretCommands(program, context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return tell(error, context.print);
  }
}

/** Errors that are none of ours pass on: they are bugs. */
function tell(error: unknown, print: Printer): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // for people its text has been written already
    if (print.isJson) print.error(new CliError(usageText(error), EXIT.usage));
    return EXIT.usage;
  }
  if (!(error instanceof CliError)) throw error;
  print.error(error);
  return error.exitCode;
}

const usageText = ({ code, message }: CommanderError): string =>
  code === 'commander.help' ? 'Say which command. Add --help for what can be given.' : message.replace(/^error: /, '');
