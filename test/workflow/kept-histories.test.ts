import { keptHistories, keptReleases, replayProblems } from '../support/histories';

jest.setTimeout(120_000);

test('what the workflows of every release did is decided in the same way by the present code', async () => {
  const releases = await keptReleases();

  expect(releases).not.toEqual([]);
  for (const release of releases) {
    const histories = await keptHistories(release);
    const workflows = new Set(histories.map(({ name }) => name.split('.').at(-1)));
    expect([...workflows].sort()).toEqual(['execution', 'preview', 'sync', 'webhook']);
    expect({ release, problems: await replayProblems(histories) }).toEqual({ release, problems: {} });
  }
});

test('a workflow that decides otherwise than it did is found', async () => {
  const [release = ''] = await keptReleases();
  const kept = (await keptHistories(release)).find(({ name }) => name === 'now.execution');
  const otherwise = {
    name: 'otherwise',
    history: JSON.parse(JSON.stringify(kept?.history).replaceAll('"dedupe"', '"map"')),
  };

  expect(await replayProblems([otherwise])).toHaveProperty('otherwise');
});
