import { hasExamples, isLoaded, isNamed, isPreviewed } from './scenes.mjs';

/** What else is on the pages besides how they open: tabs, dialogs, menus, and what follows a mistake. */
export const parts = ({ syncId, executionId, draft }) => [
  ...['problems', 'timeline', 'definition', 'compare', 'temporal'].map((tab) => ({
    name: `execution-${tab}`,
    path: `/executions/${executionId}?tab=${tab}`,
    prepare: isNamed,
  })),
  {
    name: 'execution-record',
    path: `/executions/${executionId}?outcome=failed`,
    prepare: (page) => opened(page, page.getByRole('button', { name: /^Record / }).first()),
  },
  {
    name: 'execution-undo',
    path: `/executions/${executionId}`,
    prepare: (page) => opened(page, page.getByRole('button', { name: 'Undo…' })),
  },
  { name: 'list-menu', path: '/', prepare: (page) => menuOf(page, /^Actions for People/) },
  {
    name: 'keys',
    path: '/',
    async prepare(page) {
      await isLoaded(page);
      await page.getByRole('heading', { level: 1 }).focus();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'import', path: '/import', prepare: isLoaded },
  {
    name: 'import-problems',
    path: '/import',
    async prepare(page) {
      await page.getByLabel('Definitions').fill('syncs:\n  - name: Without an end\n    importRule: upsert\n');
      await page.getByRole('button', { name: 'Check', exact: true }).click();
      await page.getByRole('region', { name: 'Problems to fix' }).waitFor();
    },
  },
  {
    name: 'connection-marketo',
    path: '/connections',
    async prepare(page) {
      await opened(page, page.getByRole('button', { name: 'Add connection' }));
      await page.getByRole('dialog').getByRole('button', { name: 'Add connection' }).click();
    },
  },
  {
    name: 'connection-salesforce',
    path: '/connections',
    async prepare(page) {
      await opened(page, page.getByRole('button', { name: 'Add connection' }));
      await page.getByRole('dialog').getByText('Salesforce', { exact: true }).click();
      await page.getByRole('combobox', { name: 'Sign-in method' }).click();
      await page.getByRole('option', { name: /^In the browser/ }).click();
    },
  },
  { name: 'connection-consent', path: '/connections/salesforce', prepare: isLoaded },
  {
    name: 'detail-cancel',
    path: `/syncs/${syncId}`,
    async prepare(page) {
      await isLoaded(page);
      await opened(page, page.getByRole('button', { name: 'Cancel sync', exact: true }));
    },
  },
  {
    name: 'detail-versions',
    path: `/syncs/${syncId}`,
    async prepare(page) {
      await page.getByRole('button', { name: /^Show what changed/ }).click();
      await page.getByText(/^Saved \(version 1\)/).waitFor();
    },
  },
  {
    name: 'editor-errors',
    path: '/syncs/new',
    async prepare(page) {
      await isLoaded(page);
      await page.getByRole('button', { name: 'Next', exact: true }).press('Enter');
      await page.getByText('Some things need to be fixed first').waitFor();
    },
  },
  {
    name: 'editor-2-options',
    path: `/syncs/${draft}/edit/mappings`,
    prepare: (page) => opened(page, page.getByRole('button', { name: 'Options of mapping 1' })),
  },
  {
    name: 'editor-3-query',
    path: `/syncs/${syncId}/edit/filter`,
    async prepare(page) {
      await isLoaded(page);
      await page.getByRole('button', { name: 'View Query' }).click();
      await page.getByRole('tab', { name: 'Query' }).click();
    },
  },
  {
    name: 'editor-4-refused',
    path: `/syncs/${draft}/edit/preview`,
    async prepare(page) {
      await isPreviewed(page);
      const actions = page.getByRole('group', { name: 'What a run would do' });
      await actions.getByRole('button', { name: /refuse/ }).click();
      await page.getByLabel('Reason').waitFor();
      await isLoaded(page);
    },
  },
  {
    name: 'editor-2-suggested',
    path: `/syncs/${draft}/edit/mappings`,
    async prepare(page) {
      await hasExamples(page);
      await page.getByRole('button', { name: 'Suggest mappings' }).click();
      await page.getByRole('combobox', { name: 'Destination of mapping 3' }).waitFor();
      await isLoaded(page);
    },
  },
  {
    name: 'editor-5-active',
    path: `/syncs/${syncId}/edit/schedule`,
    async prepare(page) {
      await page.getByText('Next runs').first().waitFor();
      await isLoaded(page);
    },
  },
  { name: 'not-found', path: '/no-such-page', prepare: isLoaded },
];

/** Clicks, and waits for the dialog and for what it asks. */
async function opened(page, button) {
  await button.click();
  await page.getByRole('dialog').waitFor();
  await isLoaded(page);
}

async function menuOf(page, name) {
  await isLoaded(page);
  await page.getByRole('button', { name }).click();
  await page.getByRole('menu').waitFor();
}
