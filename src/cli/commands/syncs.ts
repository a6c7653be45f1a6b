import { type Command, Option } from 'commander';
import { connectionAnswer } from '../../api/schemas/connections';
import { controlAnswer, syncPage } from '../../api/schemas/syncs';
import { SYNC_STATUSES, type SyncStatus } from '../../domain/outcome';
import type { ApiClient } from '../api-client';
import { confirm } from '../confirm';
import type { Context } from '../context';
import { findSync, newestExecution, type Sync } from '../find';
import { printable, tableText } from '../print';
import { watchNext } from '../watch';
import { CliError, EXIT } from '../world';

const CONTROLS = {
  activate: { route: 'activate', what: 'check a sync, and start it' },
  run: { route: 'run-now', what: 'run an active sync once now; its schedule stays' },
  pause: { route: 'pause', what: 'pause a sync; what runs stops between two batches' },
  resume: { route: 'resume', what: 'resume a sync that is paused or waits for a person' },
  cancel: { route: 'cancel', what: 'cancel a sync; what was loaded stays' },
} as const;
const STARTS: readonly string[] = ['activate', 'run'];

/** `syncs list`, `syncs show`, and what controls them. */
export function addSyncCommands(program: Command, context: Context): void {
  const syncs = program.command('syncs').description('what is moved from where to where, and when');
  syncs
    .command('list')
    .description('list syncs')
    .addOption(new Option('--status <status>', 'only those in this status').choices(SYNC_STATUSES))
    .action((options: { status?: SyncStatus }) => list(context, options));
  syncs
    .command('show')
    .description('show how a sync stands')
    .argument('<sync>', 'its name or id')
    .action((wanted: string) => show(context, wanted));
  for (const [name, { route, what }] of Object.entries(CONTROLS)) {
    const command = syncs.command(name).description(what).argument('<sync>', 'its name or id');
    if (STARTS.includes(name)) command.option('--watch', 'follow the execution that begins, to its end');
    command.action((wanted: string, options: { watch?: boolean }) => control(context, wanted, route, options));
  }
  syncs
    .command('delete')
    .description('delete a sync that is over, with its executions; what was loaded stays')
    .argument('<sync>', 'its name or id')
    .option('--yes', 'do not ask')
    .action((wanted: string, options: { yes?: boolean }) => remove(context, wanted, options));
}

async function list(context: Context, query: { status?: SyncStatus }): Promise<void> {
  const client = await context.client();
  const found: Sync[] = [];
  for await (const sync of client.all('/syncs', syncPage, query)) found.push(sync);
  context.print.list(found, ['NAME', 'STATUS', 'NEXT RUN', 'LAST EXECUTION', 'ID'], (sync) => [
    sync.name,
    sync.status,
    sync.nextRunAt,
    sync.lastExecution ? `${sync.lastExecution.number} ${sync.lastExecution.state}` : null,
    sync.id,
  ]);
}

async function show(context: Context, wanted: string): Promise<void> {
  const client = await context.client();
  const sync = await findSync(client, wanted);
  const [source, destination] = await Promise.all([endText(client, sync.source), endText(client, sync.destination)]);
  context.print.data(sync, () =>
    tableText(
      [],
      [
        ['Sync', sync.name],
        ['Id', sync.id],
        ['Status', sync.status],
        ...(sync.problem ? [['Problem', sync.problem]] : []),
        ['Version', sync.version],
        ['Source', source],
        ['Destination', destination],
        ['Mappings', sync.mappings?.length ?? 0],
        ['Schedule', sync.scheduleText],
        ['Next run', sync.nextRunAt],
        ['Last execution', sync.lastExecution ? `${sync.lastExecution.number} ${sync.lastExecution.state}` : null],
        ['Temporal', sync.links.temporal],
      ],
    ),
  );
}

async function endText(client: ApiClient, end: Sync['source']): Promise<string> {
  if (!end) return 'not chosen yet';
  const { name } = await client.get(`/connections/${end.connectionId}`, connectionAnswer);
  return `${name} ${end.object}`;
}

async function control(context: Context, wanted: string, route: string, options: { watch?: boolean }): Promise<void> {
  const client = await context.client();
  const sync = await findSync(client, wanted);
  const before = options.watch ? await newestExecution(client, sync) : undefined;
  const answer = await client.post(`/syncs/${sync.id}/${route}`, controlAnswer);
  if (!options.watch) return context.print.data(answer, () => `${sync.name}: ${answer.status}`);
  await watchNext(context, client, sync, { after: before?.number ?? 0, isAsked: route === CONTROLS.run.route });
}

async function remove(context: Context, wanted: string, options: { yes?: boolean }): Promise<void> {
  const { print, world } = context;
  const client = await context.client();
  const sync = await findSync(client, wanted);
  const question = `Delete ${printable(sync.name)}, and what is known of its executions?`;
  if (!options.yes && !(await confirm(world, question))) throw new CliError('Nothing was deleted.', EXIT.problem);
  await client.delete(`/syncs/${sync.id}`);
  print.data({ id: sync.id, name: sync.name, deleted: true }, () => `${printable(sync.name)}: deleted`);
}
