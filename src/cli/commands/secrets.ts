import type { Command } from 'commander';
import { rotatedAnswer } from '../../api/schemas/administration';
import type { Context } from '../context';
import { tableText } from '../print';

/** `secrets rotate`. */
export function addSecretCommands(program: Command, context: Context): void {
  program
    .command('secrets')
    .description('what is stored encrypted; this needs the role admin')
    .command('rotate')
    .description('seal all stored secrets anew with the first key of SYNC_SECRET_KEY; the others are not needed then')
    .action(() => rotate(context));
}

async function rotate(context: Context): Promise<void> {
  const client = await context.client();
  const rotated = await client.post('/secrets/rotate', rotatedAnswer);
  context.print.data(rotated, () =>
    tableText(
      [],
      [
        ['Connections sealed anew', rotated.connections],
        ['Sessions with systems sealed anew', rotated.sessions],
        ['Webhooks sealed anew', rotated.webhooks],
      ],
    ),
  );
}
