/** The five pages of the editor, by their addresses. */
const STEPS = ['basics', 'mappings', 'filter', 'preview', 'schedule'];

/** Nothing is waited for any more. */
export async function isLoaded(page) {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector('.mantine-Loader-root, .mantine-Skeleton-root') === null);
}

/** Every page as it is shown in pictures: its name, its address, and what is done before the picture is taken. */
export const scenes = ({ syncId, executionId, draft }) => [
  { name: 'detail', path: `/syncs/${syncId}`, prepare: running },
  { name: 'list', path: '/', prepare: isLoaded },
  { name: 'execution', path: `/executions/${executionId}`, prepare: isNamed },
  { name: 'connections', path: '/connections', prepare: isLoaded },
  ...STEPS.map((step, index) => ({
    name: `editor-${index + 1}-${step}`,
    path: `/syncs/${draft}/edit/${step}`,
    prepare: PREPARED[step] ?? isLoaded,
  })),
];

/** What comes by itself, a moment after the page. */
const PREPARED = { mappings: hasExamples, preview: isPreviewed };

export async function hasExamples(page) {
  await page.getByText(/^Example 1 of/).waitFor();
  await isLoaded(page);
}

/** The preview begins by itself. */
export async function isPreviewed(page) {
  await page.getByText('Total number of records pulled').waitFor();
  await isLoaded(page);
}

/** The name of the sync comes by itself. */
export async function isNamed(page) {
  await page.getByText('The sync', { exact: true }).waitFor({ state: 'detached' });
  await isLoaded(page);
}

async function running(page) {
  await page.getByRole('heading', { name: 'Running now' }).waitFor();
  await page
    .getByRole('row', { name: /Execution 1/ })
    .or(page.getByRole('link', { name: 'Execution 1' }))
    .first()
    .waitFor();
  await isLoaded(page);
}
