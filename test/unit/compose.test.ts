import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { readServiceSettings, SETTING_NAMES } from '../../src/settings';

const serviceSchema = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  restart: z.string(),
  user: z.string().optional(),
  read_only: z.boolean().default(false),
  tmpfs: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()).min(2) }),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
});
const stack = z
  .object({ services: z.record(z.string(), serviceSchema) })
  .parse(parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }));
const services = Object.entries(stack.services);
const own = services.filter(([, { build }]) => build !== undefined);
const dockerfile = readFileSync('Dockerfile', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const instructions = (name: string) =>
  dockerfile.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

/** What a person exports, as the head of the file says. */
const exported: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'a1b2',
  SYNC_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
  SYNC_API_KEY: 'a key of more than sixteen letters',
};
const filledIn = (value: string) =>
  value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, sign: string, text: string) =>
    sign === '-' ? (exported[name] ?? text) : (exported[name] ?? `no value for ${name}`),
  );

/** The source of a built file, or the file itself. */
const sourceOf = (path: string) => path.replace(/^dist\//, '').replace(/\.js$/, '.ts');

test('the stack has PostgreSQL, Temporal with its Web UI, the API and a worker; Prometheus and Grafana where they are asked for', () => {
  const asked = services.filter(([, { profiles }]) => profiles.includes('monitoring'));
  const always = services.filter(([, { profiles }]) => profiles.length === 0);

  expect(always.map(([name]) => name).sort()).toEqual(['api', 'postgres', 'temporal', 'temporal-ui', 'worker']);
  expect(asked.map(([name]) => name).sort()).toEqual(['grafana', 'prometheus']);
});

/** Services that change files of their image, and why. */
const WRITING: Readonly<Record<string, string>> = {
  temporal: 'its entrypoint makes /etc/temporal/config/docker.yaml of the template in the same folder',
};

test.each(services)('%s runs as a user without rights, on a file system that it cannot change', (name, service) => {
  expect(service).toMatchObject({
    read_only: WRITING[name] === undefined,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
  expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
});

test.each(own)('%s runs as the user of its image', (_name, { user }) => {
  expect(user).toBe('1000:1000');
});

test('what lies in memory belongs to the user of the service, where it is not for all', () => {
  const written = services.flatMap(([name, { user, tmpfs }]) =>
    tmpfs
      .filter((one) => one.includes('uid='))
      .map((one) => [name, one, `uid=${user?.replace(':', ',gid=')}`] as const),
  );

  expect(written.map(([name]) => name)).toEqual(['postgres']);
  for (const [, options, owner] of written) expect(options).toContain(owner);
});

test('no port is open to others than this host', () => {
  const ports = services.flatMap(([, service]) => service.ports);

  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test.each(own)('every variable of %s is a setting of Sync', (_name, { environment }) => {
  expect(SETTING_NAMES).toEqual(expect.arrayContaining(Object.keys(environment)));
});

test.each(own)(
  'with the secrets exported, %s has every setting that it needs (ASVS 13.2.3)',
  (_name, { environment }) => {
    const filled = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filledIn(value)]));

    const settings = readServiceSettings(filled);

    expect(settings.databaseUrl).toBe('postgres://sync:a1b2@postgres:5432/sync');
    expect(settings.temporal.address).toBe('temporal:7233');
  },
);

test('all parts know the same public address, by which events for webhooks link to pages', () => {
  const addresses = own.map(([, { environment }]) => filledIn(environment.SYNC_PUBLIC_URL ?? ''));

  expect(new Set(addresses)).toEqual(new Set(['http://localhost:3000']));
});

test('every host that the variables name is a service', () => {
  const hosts = own.flatMap(([, { environment }]) => [
    new URL(filledIn(environment.DATABASE_URL ?? '')).hostname,
    environment.TEMPORAL_ADDRESS?.split(':')[0],
  ]);

  expect(Object.keys(stack.services)).toEqual(expect.arrayContaining(hosts));
});

test.each(own)('the program that %s runs exists', (_name, { command, build }) => {
  const script = command?.at(-1) ?? '';

  expect(command?.[0]).toBe('node');
  expect(existsSync(sourceOf(script))).toBe(true);
  expect(existsSync(build?.dockerfile ?? '')).toBe(true);
});

test.each(services)(
  '%s is checked for health and started again, from an image with a fixed version',
  (_name, service) => {
    expect(service.restart).toBe('unless-stopped');
    expect(service.image).toMatch(/:v?\d+\.\d+\.?\d*[\w.-]*$/);
    expect(Object.keys(stack.services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on)));
  },
);

test('the image is built from fixed versions and runs as a user without rights', () => {
  const images = instructions('FROM').map((line) => line.split(' ')[0] ?? '');

  for (const image of images) expect(image).toMatch(/:\d+\.\d+\.\d+-[\w-]+$/);
  expect(instructions('USER')).toEqual(['node']);
  expect(dockerfile.findIndex((line) => line.startsWith('USER'))).toBeLessThan(
    dockerfile.findIndex((line) => line.startsWith('CMD')),
  );
});

test('the image has the certificates of public authorities, by which Temporal’s client knows a server', () => {
  expect(instructions('COPY')).toContain('--from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/');
});

test('what has secrets or data beside the stack never comes into git', () => {
  const ignored = readFileSync('.gitignore', 'utf8').split('\n');

  expect(ignored).toEqual(expect.arrayContaining(['.env', '*.dump', 'docker-compose.override.yml']));
});

test('each port of the host can be moved by a variable that the head of the file names', () => {
  const head = readFileSync('docker-compose.yml', 'utf8').split('\n\n')[0] ?? '';
  const moved = services.flatMap(([, { ports }]) => ports.map((port) => /\$\{(\w+):-\d+\}/.exec(port)?.[1] ?? port));

  expect(moved.length).toBeGreaterThan(3);
  for (const name of moved) expect(head).toContain(name);
});

test('install scripts run for those packages alone that package.json allows, whatever the npm of the image knows', () => {
  const installs = readFileSync('Dockerfile', 'utf8').match(/npm (ci|install|prune)\b[^&\n]*/g) ?? [];

  expect(installs).toHaveLength(2);
  for (const install of installs) expect(install).toContain('--ignore-scripts');
  expect(instructions('RUN')[0]).toContain('npm ci');
  expect(dockerfile.join('\n')).toMatch(/npm rebuild \$\(node -p "[^\n]*allowScripts/);
});

/** What the build of the image is given. */
const copied = instructions('COPY')
  .filter((line) => !line.startsWith('--from'))
  .flatMap((line) => line.split(' ').slice(0, -1))
  .map((path) => path.replace('./', ''));
const isCopied = (path: string) => copied.some((one) => path === one || path.startsWith(`${one}/`));
/** All files below a folder of the sources. */
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('everything that the image copies exists, and is let through to the build (ASVS 13.4.1)', () => {
  const ignoreFile = readFileSync('.dockerignore', 'utf8').split('\n');

  expect(copied.length).toBeGreaterThan(0);
  for (const path of copied) {
    expect(existsSync(path)).toBe(true);
    expect(ignoreFile).toContain(`!${path}`);
  }
  for (const command of instructions('CMD')) {
    expect(existsSync(sourceOf(z.array(z.string()).parse(JSON.parse(command)).at(-1) ?? ''))).toBe(true);
  }
});

test('what the build reads beside its own folder is copied too: configurations that others extend, modules that scripts import', () => {
  const files = copied.filter((path) => !path.includes('.')).flatMap(filesOf);
  const extended = files
    .filter((file) => /(^|\/)tsconfig[\w.]*\.json$/.test(file))
    .map((file) => [file, /"extends": "(\.[^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1]]);
  const imported = files
    .filter((file) => /^scripts\/build[\w-]*\.mjs$/.test(file))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/(?:from|import) '(\.[^']+)'/g)].map(([, path]) => [file, path]),
    );

  expect(extended.length).toBeGreaterThan(0);
  expect(imported.length).toBeGreaterThan(0);
  for (const [file, path] of [...extended, ...imported])
    expect([path, isCopied(join(dirname(String(file)), String(path)))]).toEqual([path, true]);
});
