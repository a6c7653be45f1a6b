/** `npm run sandbox`: both vendors, their demo data and the control API in a process of their own. */
import { join } from 'node:path';
import { z } from 'zod';
import { PortTakenError } from './listener';
import { type Sandbox, startSandbox } from './sandbox';
import { StartFileError } from './start-files';

const ports = (count: number) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => Number(part.trim())))
    .refine(
      (numbers) => numbers.length === count && numbers.every((n) => Number.isInteger(n) && n >= 0 && n <= 65_535),
      `give ${count} ports, separated by commas`,
    );

/** Settings of the sandbox's own process; README and docs/sandbox.md describe them for people. */
const settingsSchema = z.object({
  SYNC_DATA_DIR: z.string().min(1).default('.sync'),
  SYNC_SANDBOX_PORTS: ports(3).prefault('4100,4200,4300'),
  SYNC_SANDBOX_TLS_PORTS: z.union([z.literal('off'), ports(2)]).prefault('4143,4243'),
  SYNC_SANDBOX_PEOPLE: z.coerce.number().int().min(0).max(5_000_000).default(5000),
  SYNC_SANDBOX_SEED: z.coerce.number().int().default(1),
  SYNC_SANDBOX_FAULTS: z.string().min(1).optional(),
  SYNC_SANDBOX_OBJECTS: z.string().min(1).optional(),
  SYNC_SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
});

async function main(): Promise<void> {
  const settings = settingsSchema.safeParse(process.env);
  if (!settings.success) {
    for (const { path, message } of settings.error.issues) console.error(`${path.join('.')}: ${message}`);
    process.exitCode = 2;
    return;
  }
  const { SYNC_SANDBOX_PORTS: plain, SYNC_SANDBOX_TLS_PORTS: tls, ...other } = settings.data;
  const [salesforce = 0, marketo = 0, control = 0] = plain;
  const [salesforceTls = 0, marketoTls = 0] = tls === 'off' ? [] : tls;
  const sandbox = await startSandbox({
    dataDir: join(other.SYNC_DATA_DIR, 'sandbox'),
    ports: { salesforce, marketo, control },
    tlsPorts: tls === 'off' ? undefined : { salesforce: salesforceTls, marketo: marketoTls },
    people: other.SYNC_SANDBOX_PEOPLE,
    seed: other.SYNC_SANDBOX_SEED,
    faultFile: other.SYNC_SANDBOX_FAULTS,
    objectFile: other.SYNC_SANDBOX_OBJECTS,
    host: other.SYNC_SANDBOX_HOST,
    onDefect: ({ instance, method, url, error }) =>
      console.error(`The sandbox failed at a request to ${instance}: ${method} ${url}`, error),
  });
  announce(sandbox);
  stopOnSignal(sandbox);
}

function announce(sandbox: Sandbox): void {
  for (const { kind, name, url, tlsUrl, credentials } of sandbox.instances()) {
    const { clientId, clientSecret, username, password } = credentials;
    console.log(
      `${kind === 'salesforce' ? 'Salesforce' : 'Marketo'} (${name}): ${url}${tlsUrl ? ` and ${tlsUrl}` : ''}`,
    );
    const user = username === undefined ? '' : `, user ${username}, password ${password}`;
    console.log(`  client id ${clientId}, client secret ${clientSecret}${user}`);
  }
  console.log(`Control API and page: ${sandbox.controlUrl}`);
  if (sandbox.certificatePath) console.log(`Certificate for TLS clients: ${sandbox.certificatePath}`);
}

function stopOnSignal(sandbox: Sandbox): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      sandbox.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error('The sandbox could not stop cleanly', error);
          process.exit(1);
        },
      );
    });
  }
}

main().catch((error: unknown) => {
  if (error instanceof PortTakenError) {
    const hint = 'Set SYNC_SANDBOX_PORTS (or SYNC_SANDBOX_TLS_PORTS) to free ones.';
    console.error(`Port ${error.port} is in use by another program. ${hint}`);
  } else if (error instanceof StartFileError) console.error(error.message);
  else console.error('The sandbox could not start', error);
  process.exitCode = 1;
});
