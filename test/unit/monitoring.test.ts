import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { parse } from 'yaml';
import { z } from 'zod';
import { DatabaseMetrics } from '../../src/metrics/database-metrics';
import { measureRequests } from '../../src/metrics/http-metrics';
import { WorkerMetrics } from '../../src/metrics/worker-metrics';

/** Those of Temporal's SDK, with the suffixes that `src/worker/main.ts` asks for. What fails is there once it has failed. */
const OF_TEMPORAL = [
  'temporal_activity_schedule_to_start_latency_seconds_bucket',
  'temporal_request_failure_total',
  'temporal_sticky_cache_size',
  'temporal_worker_task_slots_available',
  'temporal_workflow_task_execution_failed_total',
  'temporal_workflow_task_schedule_to_start_latency_seconds_bucket',
];

const rule = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string(),
  labels: z.object({ severity: z.enum(['critical', 'warning', 'info']) }),
  annotations: z.object({ summary: z.string(), description: z.string(), runbook: z.string() }),
});
const rules = z
  .object({ groups: z.array(z.object({ rules: z.array(rule) })) })
  .parse(parse(readFileSync('deploy/prometheus/alerts.yml', 'utf8')))
  .groups.flatMap((group) => group.rules);
const panels = z
  .object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
  })
  .parse(JSON.parse(readFileSync('deploy/grafana/sync.json', 'utf8'))).panels;
const jobs = z
  .object({ scrape_configs: z.array(z.object({ job_name: z.string() })) })
  .parse(parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8')))
  .scrape_configs.map((job) => job.job_name);

/** The names of all series that the API and a worker serve. */
function served(): Set<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  measureRequests(registry);
  new DatabaseMetrics(registry);
  new WorkerMetrics(registry);
  const names = registry
    .getMetricsAsArray()
    .flatMap(({ name }) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]);
  return new Set([...names, ...OF_TEMPORAL, 'up']);
}

/** Names of series, without functions, labels, their values and words of the language. */
const namesIn = (expression: string): string[] =>
  [
    ...expression
      .replaceAll(/\{[^}]*\}|\b(by|on)\s*\([^)]*\)/g, ' ')
      .matchAll(/\b(up|[a-z]+(_[a-z0-9]+)+)\b(?!\s*\()/g),
  ].map(([name]) => name);

test.each(rules.map(({ alert, expr }) => [alert, expr]))('the alert %s watches what is served', (_alert, expr) => {
  const names = namesIn(expr);

  expect(names).not.toEqual([]);
  expect([...served()]).toEqual(expect.arrayContaining(names));
});

test('the dashboard shows what is served, and each panel something', () => {
  const shown = panels.filter(({ targets }) => targets.length > 0);
  const names = shown.map(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr)));

  expect(shown.length).toBeGreaterThan(20);
  for (const ofPanel of names) expect(ofPanel).not.toEqual([]);
  expect([...served()]).toEqual(expect.arrayContaining(names.flat()));
});

test('rules and panels name the jobs under which Prometheus collects', () => {
  const texts = [...rules.map(({ expr }) => expr), ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))];
  const named = texts.flatMap((text) => [...text.matchAll(/job="([^"]+)"/g)].map(([, job]) => job));

  expect(named.length).toBeGreaterThan(0);
  expect(jobs).toEqual(expect.arrayContaining(named));
  for (const job of jobs) expect(job).toMatch(/^sync-/);
});

test('what to do at each alert stands under its name in the guide of operations', () => {
  const headings = readFileSync('docs/operations.md', 'utf8')
    .split('\n')
    .flatMap((line) => /^### (Sync\w+)$/.exec(line)?.[1] ?? []);

  expect(headings.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  for (const { alert, annotations } of rules)
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
});
