import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { SETTING_NAMES } from '../../src/settings';

const CHART = 'deploy/helm/sync';
const templates = readdirSync(join(CHART, 'templates')).map((name) =>
  readFileSync(join(CHART, 'templates', name), 'utf8'),
);
const all = templates.join('\n');
const found = (pattern: RegExp): string[] => [...all.matchAll(pattern)].map(([, text]) => text ?? '');

test('every variable that the chart sets is a setting of Sync', () => {
  const names = [...new Set(found(/- name: ([A-Z_]+)\n/g))];

  expect(names).toEqual(
    expect.arrayContaining(['DATABASE_URL', 'SYNC_SECRET_KEY', 'TEMPORAL_ADDRESS', 'SYNC_PUBLIC_URL']),
  );
  expect(SETTING_NAMES).toEqual(expect.arrayContaining(names));
});

test('secrets come from a Secret that is made elsewhere, and none has a value in the chart (ASVS 13.3.1)', () => {
  const secrets = ['DATABASE_URL', 'SYNC_SECRET_KEY', 'SYNC_API_KEY', 'TEMPORAL_API_KEY'];

  for (const name of secrets) {
    const [after] = found(new RegExp(`- name: ${name}\\n\\s+(\\w+):`, 'g'));
    expect([name, after]).toEqual([name, 'valueFrom']);
  }
  expect(all).not.toMatch(/kind: Secret\b/);
});

test('it runs the API, workers and migrations, each a program that exists', () => {
  const scripts = found(/dist\/(src\/\w+\/main)\.js/g).sort();

  expect(scripts).toEqual(['src/api/main', 'src/migrations/main', 'src/worker/main']);
  for (const script of scripts) expect(existsSync(`${script}.ts`)).toBe(true);
});

test('the chart and the package have one version', () => {
  const { appVersion } = z
    .object({ appVersion: z.string() })
    .parse(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')));
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync('package.json', 'utf8')));

  expect(appVersion).toBe(version);
});
