/**
 * `npm run chart`: renders the Helm chart with several sets of values and checks what comes out against the schemas of Kubernetes. Needs `helm`
 * and `kubeconform`; where they are not on the PATH, Go installs them into `.tools/bin`. Schemas come from the internet, or from where
 * `KUBECONFORM_SCHEMAS` says.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root, say } from './run.mjs';

const TOOLS = join(root, '.tools', 'bin');
const MODULES = {
  helm: 'helm.sh/helm/v3/cmd/helm@v3.19.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0',
};
const CHART = join(root, 'deploy', 'helm', 'sync');
const KUBERNETES = ['1.27.0', '1.34.0'];

const NEEDED = [
  'image.repository=registry.example.com/sync',
  'publicUrl=https://sync.example.com',
  'secret.name=sync',
  'temporal.address=temporal-frontend.temporal:7233',
];
const CASES = {
  'as it is': [],
  'with all that can be switched on': [
    'ingress.enabled=true',
    'ingress.className=nginx',
    'ingress.tlsSecretName=sync-tls',
    'monitoring.enabled=true',
    'monitoring.apiKeySecretName=sync-metrics',
    'temporal.tls.enabled=true',
    'temporal.tls.secretName=sync-temporal',
    'temporal.tls.serverName=temporal.example.com',
    'networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring',
    'networkPolicy.apiFrom[0].namespaceSelector.matchLabels.name=ingress',
    'networkPolicy.egress[0].to[0].namespaceSelector.matchLabels.name=tracing',
    'networkPolicy.egress[0].ports[0].port=4318',
    'imagePullSecrets[0].name=registry',
    'worker.nodeSelector.pool=sync',
    'extraEnv[0].name=TZ',
    'extraEnv[0].value=UTC',
  ],
  'with all that can be switched off': [
    'worker.autoscaling.enabled=false',
    'networkPolicy.enabled=false',
    'podDisruptionBudget.enabled=false',
    'migrations.enabled=false',
  ],
};

function tool(name) {
  if (spawnSync('sh', ['-c', `command -v ${name}`]).status === 0) return name;
  const own = join(TOOLS, name);
  if (existsSync(own)) return own;
  if (spawnSync('go', ['version']).status !== 0) fail(`${name} is missing. Install it, or Go, which installs it here.`);
  say(`Installing ${name}; some minutes`);
  mkdirSync(TOOLS, { recursive: true });
  execFileSync('go', ['install', MODULES[name]], { stdio: 'inherit', env: { ...process.env, GOBIN: TOOLS } });
  return own;
}

const set = (values) => values.flatMap((value) => ['--set', value]);
const helm = tool('helm');
const kubeconform = tool('kubeconform');

execFileSync(helm, ['lint', '--strict', '--quiet', CHART, ...set(NEEDED)], { stdio: 'inherit' });
const refused = spawnSync(helm, ['template', 'sync', CHART, '--kube-version', KUBERNETES[0]]);
if (refused.status === 0) fail('The chart is rendered although the values that it needs are missing.');
for (const [name, values] of Object.entries(CASES)) {
  for (const version of KUBERNETES) {
    const given = ['--kube-version', version, ...set([...NEEDED, ...values])];
    const rendered = execFileSync(helm, ['template', 'sync', CHART, ...given]);
    const { KUBECONFORM_SCHEMAS: schemas } = process.env;
    // what the Prometheus operator brings is not among Kubernetes' own
    const options = ['-strict', '-summary', '-skip', 'PodMonitor', '-kubernetes-version', version];
    if (schemas) options.push('-schema-location', schemas);
    const { status, stdout } = spawnSync(kubeconform, options, { input: rendered, encoding: 'utf8' });
    say(`Chart ${name}, Kubernetes ${version}: ${stdout.trim()}`);
    if (status !== 0) process.exitCode = 1;
  }
}
