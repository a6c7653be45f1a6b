import type { Command } from 'commander';
import { connectionPage, connectionTestAnswer } from '../../api/schemas/connections';
import type { Context } from '../context';
import { type Connection, findConnection } from '../find';
import { tableText } from '../print';
import { EXIT } from '../world';

/** `connections list`, `connections test`. */
export function addConnectionCommands(program: Command, context: Context): void {
  const connections = program.command('connections').description('the systems that syncs read and write');
  connections
    .command('list')
    .description('list connections by name')
    .action(() => list(context));
  connections
    .command('test')
    .description('sign in, and read the limits')
    .argument('<connection>', 'its name or id')
    .action((wanted: string) => test(context, wanted));
}

async function list(context: Context): Promise<void> {
  const client = await context.client();
  const found: Connection[] = [];
  for await (const connection of client.all('/connections', connectionPage)) found.push(connection);
  context.print.list(found, ['NAME', 'KIND', 'LEADS TO', 'ID'], ({ name, kind, identity, id }) => [
    name,
    kind,
    identity,
    id,
  ]);
}

async function test(context: Context, wanted: string): Promise<void> {
  const client = await context.client();
  const { id, name } = await findConnection(client, wanted);
  const tested = await client.post(`/connections/${id}/test`, connectionTestAnswer);
  if (!tested.ok) context.exitCode = EXIT.problem;
  context.print.data(tested, () =>
    tableText(
      [],
      [
        ['Connection', name],
        ['Works', tested.ok ? 'yes' : 'no'],
        ['Account', tested.account],
        ['Calls used today', tested.quota ? `${tested.quota.used ?? '?'} of ${tested.quota.limit ?? '?'}` : null],
        ['Problem', tested.problem],
      ],
    ),
  );
}
