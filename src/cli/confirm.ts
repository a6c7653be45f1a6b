import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError, EXIT, type World } from './world';

/** Asks a person yes or no; whoever is no person has to say it beforehand. @throws CliError where nobody can be asked */
export async function confirm(world: World, question: string): Promise<boolean> {
  if (!world.isInteractive) throw new CliError(`${question} Nobody can be asked here: say --yes.`, EXIT.usage);
  const answer = await ask(world, `${question} [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

export async function ask({ input, messages }: World, question: string): Promise<string> {
  const lines = createInterface({ input, output: messages, terminal: false });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

/** Asks for what nobody is to see; from a pipe it is taken as it comes. */
export async function askSecretly({ input, messages, isInteractive }: World, question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (isInteractive) messages.write(question);
  const lines = createInterface({ input, output: silent, terminal: isInteractive });
  try {
    for await (const line of lines) return line.trim();
    return '';
  } finally {
    lines.close();
    if (isInteractive) messages.write('\n');
  }
}
