import type { Command } from 'commander';
import { definitionsSchema } from '../../api/definitions/schema';
import { type DefinitionsPlan, definitionsPlan, validationAnswer } from '../../api/schemas/definitions';
import { controlAnswer } from '../../api/schemas/syncs';
import { type ApiClient, Refusal } from '../api-client';
import { confirm } from '../confirm';
import type { Context } from '../context';
import { copy } from '../copy';
import { type DefinitionFiles, readDefinitionFiles } from '../files';
import { findSync } from '../find';
import { planText } from '../plan-text';
import { printable } from '../print';
import { watchNext } from '../watch';
import { CliError, EXIT } from '../world';

const FILES = 'YAML or JSON; - for standard input';

interface ApplyOptions {
  yes?: boolean;
  activate?: boolean;
  watch?: boolean;
}

/** `export`, `validate`, `compare`, `apply`, `schema`. */
export function addDefinitionCommands(program: Command, context: Context): void {
  program
    .command('export')
    .description('write all connections and syncs as YAML (with --json: as JSON), without secrets')
    .option('--sync <sync>', 'one sync alone, with its connections')
    .action((options: { sync?: string }) => exportAll(context, options));
  program
    .command('validate')
    .description('check files as activation would; exit code 1 when something is wrong')
    .argument('<file...>', FILES)
    .action((names: string[]) => validate(context, names));
  program
    .command('compare')
    .description('tell what applying files would create and change')
    .argument('<file...>', FILES)
    .option('--exit-code', 'exit code 1 when something would change')
    .action((names: string[], options: { exitCode?: boolean }) => compare(context, names, options));
  program
    .command('apply')
    .description('create and change connections and syncs as files have them; nothing is deleted')
    .argument('<file...>', FILES)
    .option('--yes', 'do not ask')
    .option('--activate', 'then activate the syncs of the files that are drafts')
    .option('--watch', 'with --activate: follow what begins to run, to its end')
    .action((names: string[], options: ApplyOptions) => apply(context, names, options));
  program
    .command('schema')
    .description('write the JSON Schema of such files, for editors')
    .action(() => void context.world.output.write(`${JSON.stringify(definitionsSchema(), null, 2)}\n`));
}

async function exportAll(context: Context, { sync }: { sync?: string }): Promise<void> {
  const client = await context.client();
  const syncId = sync === undefined ? undefined : (await findSync(client, sync)).id;
  const [format, type] = context.print.isJson ? ['json', 'application/json'] : ['yaml', 'application/yaml'];
  const file = await client.stream('/definitions', type, { format, syncId });
  await copy(file, context.world.output);
}

async function validate(context: Context, names: readonly string[]): Promise<void> {
  const files = await readDefinitionFiles(context.world, names);
  const client = await context.client();
  const { valid, ...found } = await withPlaces(files, () =>
    client.ask('/definitions/validate', validationAnswer, files.body),
  );
  const [problems, notChecked] = await Promise.all([files.locate(found.problems), files.locate(found.notChecked)]);
  if (!valid) context.exitCode = EXIT.problem;
  context.print.data({ valid, problems, notChecked }, () =>
    [
      ...problems.map(({ place, message }) => printable(`${place}: ${message}`)),
      ...notChecked.map(({ place, message }) => printable(`${place}: not checked: ${message}`)),
      valid ? 'No problem was found.' : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`,
    ].join('\n'),
  );
}

async function compare(context: Context, names: readonly string[], options: { exitCode?: boolean }): Promise<void> {
  const files = await readDefinitionFiles(context.world, names);
  const plan = await compared(await context.client(), files);
  if (options.exitCode && isChange(plan)) context.exitCode = EXIT.problem;
  context.print.data(plan, () => planText(plan));
}

const compared = (client: ApiClient, files: DefinitionFiles): Promise<DefinitionsPlan> =>
  withPlaces(files, () => client.ask('/definitions/compare', definitionsPlan, files.body));

const isChange = ({ counts }: DefinitionsPlan): boolean => counts.create + counts.change > 0;

async function apply(context: Context, names: readonly string[], options: ApplyOptions): Promise<void> {
  if (options.watch && !options.activate) throw new CliError('--watch goes with --activate.', EXIT.usage);
  const { print, world } = context;
  const files = await readDefinitionFiles(world, names);
  const client = await context.client();
  const plan = await compared(client, files);
  if (isChange(plan) && !options.yes) {
    print.message(planText(plan));
    if (!(await confirm(world, 'Apply this?'))) throw new CliError('Nothing was changed.', EXIT.problem);
  }
  const applied = await withPlaces(files, () => client.post('/definitions/apply', definitionsPlan, files.body));
  print.data(applied, () => planText(applied));
  if (options.activate) await activate(context, client, applied, options);
}

/** Activates the drafts of what was applied; one that cannot be does not keep the others from it. */
async function activate(
  context: Context,
  client: ApiClient,
  applied: DefinitionsPlan,
  options: ApplyOptions,
): Promise<void> {
  const drafts = applied.syncs.flatMap(({ id, name, status }) =>
    id !== null && status === 'draft' ? [{ id, name }] : [],
  );
  const active: { id: string }[] = [];
  for (const { id, name } of drafts) {
    try {
      await client.post(`/syncs/${id}/activate`, controlAnswer);
      context.print.message(`${printable(name)}: active`);
      active.push({ id });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      context.fail(new CliError(`${name}: not activated. ${error.message}`, error.exitCode, error.details));
    }
  }
  if (!options.watch) return;
  for (const sync of active) {
    try {
      await watchNext(context, client, sync, { after: 0, isAsked: false });
    } catch (error) {
      // the others are followed all the same
      if (!(error instanceof CliError) || error.exitCode !== EXIT.problem) throw error;
      context.fail(error);
    }
  }
}

/** A refusal tells where in the files its problems stand. */
async function withPlaces<Result>(files: DefinitionFiles, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Refusal) || error.errors.length === 0) throw error;
    throw new CliError(error.message, error.exitCode, await files.locate(error.errors));
  }
}
