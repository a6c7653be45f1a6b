/** The sandbox's own page: what the control API offers, for people. Plain HTML, CSS and JavaScript, served as they stand. */
export const CONTROL_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox</title>
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body>
<header>
  <h1>Sandbox</h1>
  <p>Clock: <time id="clock">…</time></p>
  <form id="clock-form">
    <label for="advance">Move the clock forward by</label>
    <input id="advance" name="advance" type="number" min="0" step="1" value="60" required>
    <label for="advance-unit">Unit</label>
    <select id="advance-unit" name="unit">
      <option value="1000">seconds</option><option value="60000" selected>minutes</option>
      <option value="3600000">hours</option><option value="86400000">days</option>
    </select>
    <button>Move</button>
  </form>
</header>
<main>
  <p id="message" role="status" aria-live="polite"></p>
  <section aria-labelledby="instances-title">
    <h2 id="instances-title">Instances</h2>
    <table>
      <thead><tr><th scope="col">Instance</th><th scope="col">Address</th><th scope="col">Client id</th>
        <th scope="col">Requests</th><th scope="col">Violations</th><th scope="col">Faults</th><th scope="col">Actions</th></tr></thead>
      <tbody id="instances"></tbody>
    </table>
    <form id="instance-form">
      <label for="new-kind">Vendor</label>
      <select id="new-kind" name="kind"><option value="salesforce">Salesforce</option><option value="marketo">Marketo</option></select>
      <label for="new-name">Name</label>
      <input id="new-name" name="name" required pattern="[a-z0-9][a-z0-9\\-]*" title="Lower-case letters, digits and hyphens">
      <label for="new-people">Demo people</label>
      <input id="new-people" name="people" type="number" min="0" value="0" required>
      <button>Add instance</button>
    </form>
  </section>
  <section aria-labelledby="details-title">
    <h2 id="details-title">Details of</h2>
    <label for="chosen">Instance</label>
    <select id="chosen"></select>

    <h3>Faults</h3>
    <table>
      <thead><tr><th scope="col">Name</th><th scope="col">Acts on</th><th scope="col">Does</th><th scope="col">Seen</th>
        <th scope="col">Acted</th><th scope="col">Actions</th></tr></thead>
      <tbody id="faults"></tbody>
    </table>
    <form id="fault-form">
      <label for="fault-label">Name</label><input id="fault-label" name="label">
      <label for="fault-method">Method</label>
      <select id="fault-method" name="method"><option value="">any</option><option>GET</option><option>POST</option>
        <option>PATCH</option><option>PUT</option><option>DELETE</option></select>
      <label for="fault-path">Path (* is any text)</label><input id="fault-path" name="path" placeholder="/services/data/*/query*">
      <label for="fault-nth">From the nth request on</label><input id="fault-nth" name="nth" type="number" min="1">
      <label for="fault-count">At most so many times</label><input id="fault-count" name="count" type="number" min="1">
      <label for="fault-chance">Chance (0 to 1)</label><input id="fault-chance" name="chance" type="number" min="0" max="1" step="any">
      <label for="fault-action">Action</label><select id="fault-action" name="action"></select>
      <label for="fault-json">Action in full (JSON)</label><textarea id="fault-json" name="json" rows="4" required></textarea>
      <button>Add fault</button>
      <button type="button" id="clear-faults">Remove all faults</button>
    </form>

    <h3>Violations</h3>
    <table>
      <thead><tr><th scope="col">Violation</th><th scope="col">Count</th><th scope="col">Last</th></tr></thead>
      <tbody id="violations"></tbody>
    </table>

    <h3>Requests</h3>
    <table>
      <thead><tr><th scope="col">Endpoint</th><th scope="col">Status</th><th scope="col">Count</th></tr></thead>
      <tbody id="counters"></tbody>
    </table>

    <h3>Last writes</h3>
    <table>
      <thead><tr><th scope="col">No.</th><th scope="col">Time</th><th scope="col">By</th><th scope="col">Via</th>
        <th scope="col">Operation</th><th scope="col">Record</th></tr></thead>
      <tbody id="writes"></tbody>
    </table>
  </section>
</main>
</body>
</html>
`;

export const CONTROL_STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.45; }
body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 3rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.5rem 2rem; border-bottom: 1px solid; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.6rem; margin: 0.8rem 0; }
input, select, textarea, button { font: inherit; padding: 0.25rem 0.5rem; }
input[type='number'] { width: 6rem; }
textarea { flex: 1 1 24rem; font-family: ui-monospace, monospace; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); overflow-wrap: anywhere; }
th { overflow-wrap: normal; }
main section { overflow-x: auto; }
#message:empty { display: none; }
#message { padding: 0.5rem 0.8rem; border-inline-start: 4px solid; }
`;

export const CONTROL_SCRIPT = `'use strict';
const REFRESH_MS = 2000;
const ACTIONS = {
  respond: { type: 'respond', status: 503, body: '<html><body>Down for maintenance</body></html>' },
  vendorError: { type: 'vendorError', code: 'UNABLE_TO_LOCK_ROW' },
  resetBefore: { type: 'resetBefore' },
  resetAfter: { type: 'resetAfter' },
  late: { type: 'late', afterMs: 30000 },
  partial: { type: 'partial', records: 120 },
  delay: { type: 'delay', ms: 500 },
  slowBody: { type: 'slowBody', bytesPerSecond: 1000 },
  cutBody: { type: 'cutBody', at: 'letter', ending: 'reset' },
  hang: { type: 'hang' },
  expireTokens: { type: 'expireTokens' },
  outage: { type: 'outage' },
};
const byId = (id) => document.getElementById(id);
const say = (text) => { byId('message').textContent = text; };

async function call(method, path, body) {
  const init = { method };
  if (body !== undefined) { init.headers = { 'Content-Type': 'application/json' }; init.body = JSON.stringify(body); }
  const response = await fetch(path, init);
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) {
    const details = (answer.errors || []).map((error) => error.path + ': ' + error.message).join('; ');
    throw new Error(details ? answer.message + ' (' + details + ')' : answer.message);
  }
  return answer;
}

function row(cells) {
  const line = document.createElement('tr');
  for (const cell of cells) {
    const box = document.createElement('td');
    if (cell instanceof Node) box.append(cell); else box.textContent = cell === null || cell === undefined ? '' : String(cell);
    line.append(box);
  }
  return line;
}

function button(text, label, action) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', () => run(action));
  return made;
}

/** Replaces rows only when they have changed, so that the keyboard's place is kept. */
function fill(id, rows, key) {
  const body = byId(id);
  const text = JSON.stringify(key);
  if (body.dataset.key === text) return;
  body.dataset.key = text;
  body.replaceChildren(...rows());
}

async function run(action) {
  try { await action(); await refresh(); } catch (error) { say(error.message); }
}

async function refresh() {
  const status = await call('GET', '/status');
  byId('clock').textContent = status.clock;
  fill('instances', () => status.instances.map((one) => {
    const name = one.kind + '/' + one.name;
    const actions = document.createElement('span');
    actions.append(
      button('Expire tokens', 'Expire the tokens of ' + name, async () => { await call('POST', '/instances/' + name + '/tokens/expire'); say('Tokens of ' + name + ' have expired.'); }),
      ' ',
      button('Reset', 'Reset ' + name, async () => {
        if (!confirm('Forget all records of ' + name + '?')) return;
        await call('POST', '/instances/' + name + '/reset');
        say(name + ' is empty.');
      }),
    );
    const violations = Object.values(one.violations).reduce((sum, count) => sum + count, 0);
    return row([name, one.tlsUrl ? one.url + ' ' + one.tlsUrl : one.url, one.credentials.clientId, one.requests, violations, one.faults, actions]);
  }), status.instances);
  const chosen = byId('chosen');
  const names = status.instances.map((one) => one.kind + '/' + one.name);
  if ([...chosen.options].map((option) => option.value).join() !== names.join()) {
    const before = chosen.value;
    chosen.replaceChildren(...names.map((name) => new Option(name, name)));
    if (names.includes(before)) chosen.value = before;
  }
  await showDetails('/instances/' + chosen.value);
}

async function showDetails(base) {
  const [{ faults }, { violations }, { counters }] = await Promise.all([
    call('GET', base + '/faults'), call('GET', base + '/violations'), call('GET', base + '/counters'),
  ]);
  fill('faults', () => faults.map((fault) => {
    const when = [fault.match.method || 'any method', fault.match.path || 'any path'];
    if (fault.nth) when.push('from no. ' + fault.nth);
    if (fault.every) when.push('each ' + fault.every);
    if (fault.count) when.push('at most ' + fault.count);
    if (fault.chance !== undefined) when.push('chance ' + fault.chance);
    return row([fault.label || 'no. ' + fault.id, when.join(', '), JSON.stringify(fault.action), fault.seen, fault.acted,
      button('Remove', 'Remove fault ' + (fault.label || fault.id), () => call('DELETE', base + '/faults/' + fault.id))]);
  }), [base, faults]);
  fill('violations', () => violations.map(({ violation, count, details }) => {
    const last = details[details.length - 1];
    return row([violation, count, last ? last.at + ' ' + last.detail : '']);
  }), [base, violations]);
  fill('counters', () => counters.map(({ endpoint, status, count }) => row([endpoint, status || 'cut', count])), [base, counters]);
  const { writes } = await call('GET', base + '/writes?last=20');
  fill('writes', () => writes.map((entry) => row([entry.sequence, entry.at, entry.by, entry.via, entry.operation, entry.object + ' ' + entry.recordId])), [base, writes]);
}

function optional(form, name, convert) {
  const text = form.get(name).trim();
  return text === '' ? undefined : convert(text);
}

byId('fault-action').append(...Object.keys(ACTIONS).map((name) => new Option(name, name)));
const showAction = () => { byId('fault-json').value = JSON.stringify(ACTIONS[byId('fault-action').value]); };
byId('fault-action').addEventListener('change', showAction);
showAction();
byId('chosen').addEventListener('change', () => run(async () => {}));
byId('clear-faults').addEventListener('click', () => run(() => call('DELETE', '/instances/' + byId('chosen').value + '/faults')));
byId('clock-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  run(async () => { await call('POST', '/clock', { advanceMs: Number(form.get('advance')) * Number(form.get('unit')) }); say('The clock has been moved.'); });
});
byId('instance-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  run(async () => {
    const made = await call('POST', '/instances', { kind: form.get('kind'), name: form.get('name'), people: Number(form.get('people')) });
    say('Added ' + made.kind + '/' + made.name + ' at ' + made.url + '.');
  });
});
byId('fault-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  run(async () => {
    let action;
    try { action = JSON.parse(form.get('json')); } catch { throw new Error('The action is not JSON.'); }
    await call('POST', '/instances/' + byId('chosen').value + '/faults', {
      label: optional(form, 'label', String),
      match: { method: optional(form, 'method', String), path: optional(form, 'path', String) },
      nth: optional(form, 'nth', Number), count: optional(form, 'count', Number), chance: optional(form, 'chance', Number), action,
    });
    say('The fault has been added.');
  });
});
run(async () => {});
setInterval(() => { if (!document.hidden) refresh().catch((error) => say(error.message)); }, REFRESH_MS);
`;
