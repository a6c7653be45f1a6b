import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { type apiKeyAnswer, apiKeyPage, newApiKeyAnswer } from '../../api/schemas/administration';
import { ROLES } from '../../api/schemas/roles';
import type { ApiClient } from '../api-client';
import { confirm } from '../confirm';
import type { Context } from '../context';
import { printable } from '../print';
import { CliError, EXIT } from '../world';

type ApiKey = z.output<typeof apiKeyAnswer>;

/** `keys list`, `keys create` and `keys revoke`. */
export function addKeyCommands(program: Command, context: Context): void {
  const keys = program.command('keys').description('API keys, for people and programs; this needs the role admin');
  keys
    .command('list')
    .description('list API keys by name, without those that were revoked')
    .action(() => list(context));
  keys
    .command('create')
    .description('make an API key, and write it to the standard output: it is shown this once')
    .argument('<name>', 'by which the audit tells who did what')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--expires <moment>', 'when it ends, in ISO 8601 UTC, such as 2027-01-31T00:00:00Z; never, when left out')
    .action((name: string, options: { role: string; expires?: string }) => create(context, name, options));
  keys
    .command('revoke')
    .description('revoke an API key at once, with the sessions that were opened by it')
    .argument('<key>', 'its name or id')
    .option('--yes', 'do not ask')
    .action((wanted: string, options: { yes?: boolean }) => revoke(context, wanted, options));
}

const allKeys = (client: ApiClient): AsyncIterable<ApiKey> => client.all('/api-keys', apiKeyPage);

async function list(context: Context): Promise<void> {
  const found: ApiKey[] = [];
  for await (const key of allKeys(await context.client())) found.push(key);
  context.print.list(found, ['NAME', 'ROLE', 'EXPIRES', 'LAST USED', 'CREATED', 'ID'], (key) => [
    key.name,
    key.role,
    key.expiresAt ?? 'never',
    key.lastUsedAt,
    key.createdAt,
    key.id,
  ]);
}

async function create(context: Context, name: string, { role, expires }: { role: string; expires?: string }) {
  const client = await context.client();
  const body = { name, role, ...(expires === undefined ? {} : { expiresAt: expires }) };
  const made = await client.post('/api-keys', newApiKeyAnswer, body);
  if (!context.print.isJson) {
    const until = made.expiresAt === null ? '' : `, until ${made.expiresAt}`;
    context.print.message(`${printable(made.name)} (${made.role}${until}). The key is shown this once:`);
  }
  context.print.data(made, () => made.key);
}

async function revoke(context: Context, wanted: string, options: { yes?: boolean }): Promise<void> {
  const { print, world } = context;
  const client = await context.client();
  const { id, name } = await findKey(client, wanted);
  const question = `Revoke ${printable(name)}? Whoever uses it is refused at once.`;
  if (!options.yes && !(await confirm(world, question))) throw new CliError('Nothing was revoked.', EXIT.problem);
  await client.delete(`/api-keys/${id}`);
  print.data({ id, name, revoked: true }, () => `${printable(name)}: revoked`);
}

/** @throws CliError when there is none */
async function findKey(client: ApiClient, wanted: string): Promise<ApiKey> {
  for await (const key of allKeys(client)) if (key.id === wanted || key.name === wanted) return key;
  throw new CliError(`There is no API key "${wanted}". See \`syncctl keys list\`.`, EXIT.problem);
}
