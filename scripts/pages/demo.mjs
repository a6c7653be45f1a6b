import { setTimeout } from 'node:timers/promises';

const LOOK_EVERY_MS = 200;
const SLOW_MS = 25_000;
const DAILY = {
  type: 'interval',
  every: { amount: 1, unit: 'day' },
  start: '2026-01-01T02:30',
  timeZone: 'Europe/Vienna',
};
const from = (field) => ({ field });

/**
 * Makes syncs in several states, as an operator has them: an active one with executions behind it and failures among them, one that is
 * paused, and a draft.
 */
export async function makeDemo({ api }) {
  const { items: connections } = await api('GET', '/connections');
  const idOf = (wanted) => connections.find(({ name }) => name === wanted).id;
  const [marketo, salesforce] = [idOf('Demo Marketo'), idOf('Demo Salesforce')];
  const people = {
    name: 'People to contacts',
    source: { connectionId: marketo, object: 'Lead' },
    destination: { connectionId: salesforce, object: 'Contact' },
    deduplicate: 'youngestByLastUpdate',
    filter: { column: 'email', operator: 'isNotEmpty' },
    mappings: [
      { from: from('email'), to: 'Email' },
      { from: from('firstName'), to: 'FirstName' },
      { from: from('lastName'), to: 'LastName' },
      { from: from('city'), to: 'MailingCity' },
    ],
    schedule: DAILY,
  };
  const paused = await saved(api, { ...people, name: 'New people only', importRule: 'create', records: 'changed' });
  await api('POST', `/syncs/${paused}/activate`);
  await api('POST', `/syncs/${paused}/pause`);
  const draft = await saved(api, {
    name: 'Contacts back to people',
    source: people.destination,
    destination: people.source,
    mappings: [{ from: from('Email'), to: 'email' }],
    schedule: { type: 'now' },
  });

  const syncId = await saved(api, people);
  await api('POST', `/syncs/${syncId}/activate`);
  const executionId = await ran(api, syncId);
  const versions = [
    { from: from('company'), to: 'Department' },
    { from: { expression: "(firstName + ' ' + lastName).trim()" }, to: 'Description' },
    { from: { constant: 'Marketo' }, to: 'LeadSource' },
  ];
  for (const mapping of versions.slice(0, 2)) {
    people.mappings.push(mapping);
    await api('PUT', `/syncs/${syncId}`, people);
    await ran(api, syncId);
  }
  people.mappings.push(versions[2]);
  await api('PUT', `/syncs/${syncId}`, people);
  return { syncId, executionId, draft };
}

/** Has a sync run slowly, and waits until it is under way. */
export async function runSlowly({ api, sandbox }, { syncId }) {
  // some batches are through at once, the others take their time
  for (const method of ['PATCH', 'PUT']) {
    await sandbox('POST', '/instances/salesforce/default/faults', {
      label: 'slow',
      match: { method },
      every: 2,
      action: { type: 'delay', ms: SLOW_MS },
    });
  }
  await api('POST', `/syncs/${syncId}/run-now`);
  const longEnoughAt = Date.now() + SLOW_MS / 2;
  const isUnderWay = ({ lastExecution: run }) =>
    run?.phase === 'load' && (run.progress.done > 0 || Date.now() > longEnoughAt);
  await until(api, syncId, isUnderWay);
}

const saved = async (api, definition) => (await api('POST', '/syncs', definition)).id;

/** Runs a sync once, to the end. @returns the execution */
async function ran(api, syncId) {
  const before = (await api('GET', `/syncs/${syncId}`)).lastExecution?.number ?? 0;
  await api('POST', `/syncs/${syncId}/run-now`);
  const { lastExecution } = await until(
    api,
    syncId,
    ({ lastExecution: run }) => run !== null && run.number > before && run.state !== 'running',
  );
  return lastExecution.id;
}

async function until(api, syncId, holds) {
  for (;;) {
    const sync = await api('GET', `/syncs/${syncId}`);
    if (holds(sync)) return sync;
    await setTimeout(LOOK_EVERY_MS);
  }
}
