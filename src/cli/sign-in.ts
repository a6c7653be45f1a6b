import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError, EXIT, type World } from './world';

/** Where Sync is, and the API key. */
const signIn = z.object({
  url: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  key: z.string().min(1),
});
export type SignIn = z.output<typeof signIn>;

const fileOf = ({ configFolder }: World): string => join(configFolder, 'sync', 'syncctl.json');

async function saved(world: World): Promise<SignIn | null> {
  const file = fileOf(world);
  try {
    const parsed = signIn.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (!(error instanceof SyntaxError))
      throw new CliError(`${file} cannot be read: ${(error as Error).message}`, EXIT.usage);
  }
  throw new CliError(`${file} is damaged. Sign in again: syncctl login`, EXIT.unreachable);
}

/**
 * Where to sign in: by SYNC_URL and SYNC_API_KEY, else as `syncctl login` has saved it. A saved key goes to the address that it was saved for alone.
 * @throws CliError when neither tells
 */
export async function currentSignIn(world: World): Promise<SignIn> {
  const { SYNC_URL: url, SYNC_API_KEY: key } = world.environment;
  if (url && key) return checked({ url, key });
  const known = await saved(world);
  const wanted = { url: url || known?.url, key: key || known?.key };
  const isForeign = url && !key && known && checkedUrl(url) !== known.url;
  if (isForeign || !wanted.url || !wanted.key) {
    throw new CliError(
      'You are not signed in. Run `syncctl login`, or set SYNC_URL and SYNC_API_KEY.',
      EXIT.unreachable,
    );
  }
  return checked({ url: wanted.url, key: wanted.key });
}

const checkedUrl = (url: string): string => checked({ url, key: 'any' }).url;

/** @throws CliError for what is no address */
export function checked(given: { url: string; key: string }): SignIn {
  const parsed = signIn.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.path[0] === 'key') throw new CliError('The API key is empty.', EXIT.usage);
  throw new CliError('Give the address of Sync, such as https://sync.example.com', EXIT.usage);
}

/** Saves a sign-in for later commands, for this user alone. @returns the file */
export async function saveSignIn(world: World, given: SignIn): Promise<string> {
  const file = fileOf(world);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // a new file, so that the mode holds from the beginning
  const unfinished = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(unfinished, `${JSON.stringify(given, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(unfinished, file);
  return file;
}

export const forgetSignIn = (world: World): Promise<void> => rm(fileOf(world), { force: true });
