import { type Command, Option } from 'commander';
import { type ExecutionAnswer, executionPage, recordPage } from '../../api/schemas/executions';
import { OUTCOMES } from '../../domain/outcome';
import type { Context } from '../context';
import { copy } from '../copy';
import { findExecution, findSync } from '../find';
import { executionText, watch } from '../watch';

const EXECUTION = 'its id; or a sync, whose newest execution is meant';

/** `executions list`, `show` and `watch`, and `records`. */
export function addExecutionCommands(program: Command, context: Context): void {
  const executions = program.command('executions').description('the runs of syncs');
  executions
    .command('list')
    .description('list the executions of a sync, the newest first')
    .argument('<sync>', 'its name or id')
    .action((wanted: string) => list(context, wanted));
  executions
    .command('show')
    .description('show how an execution went, or how far it is')
    .argument('<execution>', EXECUTION)
    .action((wanted: string) => show(context, wanted));
  executions
    .command('watch')
    .description('follow an execution to its end; exit code 1 unless it succeeds')
    .argument('<execution>', EXECUTION)
    .action((wanted: string) => watchOne(context, wanted));
  program
    .command('records')
    .description('write what became of each record, as CSV (with --json: one JSON object a line)')
    .argument('<execution>', EXECUTION)
    .addOption(new Option('--outcome <outcome>', 'only those with this outcome').choices(OUTCOMES))
    .action((wanted: string, options: { outcome?: string }) => records(context, wanted, options));
}

async function list(context: Context, wanted: string): Promise<void> {
  const client = await context.client();
  const { id } = await findSync(client, wanted);
  const found: ExecutionAnswer[] = [];
  for await (const execution of client.all(`/syncs/${id}/executions`, executionPage)) found.push(execution);
  context.print.list(found, ['NUMBER', 'STATE', 'TRIGGER', 'STARTED', 'READ', 'FAILED', 'ID'], (execution) => [
    execution.number,
    execution.state,
    execution.trigger,
    execution.startedAt,
    execution.counts.read,
    execution.counts.failed,
    execution.id,
  ]);
}

async function show(context: Context, wanted: string): Promise<void> {
  const execution = await findExecution(await context.client(), wanted);
  context.print.data(execution, () => executionText(execution));
}

async function watchOne(context: Context, wanted: string): Promise<void> {
  const client = await context.client();
  const { id } = await findExecution(client, wanted);
  await watch(context, client, id);
}

async function records(context: Context, wanted: string, query: { outcome?: string }): Promise<void> {
  const client = await context.client();
  const { id } = await findExecution(client, wanted);
  if (context.print.isJson) {
    for await (const record of client.all(`/executions/${id}/records`, recordPage, query)) context.print.line(record);
    return;
  }
  const csv = await client.stream(`/executions/${id}/records.csv`, 'text/csv', query);
  await copy(csv, context.world.output);
}
