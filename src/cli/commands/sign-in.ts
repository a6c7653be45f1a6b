import type { Command } from 'commander';
import { sessionAnswer } from '../../api/schemas/session';
import { ApiClient } from '../api-client';
import { ask, askSecretly } from '../confirm';
import type { Context } from '../context';
import { checked, forgetSignIn, saveSignIn } from '../sign-in';

/** `login`, `logout`. */
export function addSignInCommands(program: Command, context: Context): void {
  program
    .command('login')
    .description('save the address of Sync and an API key for later commands, for this user alone')
    .argument('[url]', 'such as https://sync.example.com; asked for when left out')
    .addHelpText(
      'after',
      '\nThe key is asked for, or taken from standard input. SYNC_URL and SYNC_API_KEY do without a login.',
    )
    .action((url?: string) => logIn(context, url));
  program
    .command('logout')
    .description('forget what login has saved')
    .action(() => forgetSignIn(context.world));
}

async function logIn({ world, print }: Context, given: string | undefined): Promise<void> {
  const { environment } = world;
  const url = given ?? (environment.SYNC_URL || (await ask(world, 'Address of Sync: ')));
  const signIn = checked({ url, key: environment.SYNC_API_KEY || (await askSecretly(world, 'API key: ')) });
  const session = await new ApiClient(signIn).get('/session', sessionAnswer);
  const file = await saveSignIn(world, signIn);
  const { protocol, hostname } = new URL(signIn.url);
  if (protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    print.message('Without https, everybody on the way can read the key.');
  }
  print.data(
    { url: signIn.url, ...session },
    () => `Signed in at ${signIn.url} as "${session.name}" (${session.role}); saved in ${file}.`,
  );
}
