import { climb, isReachable, runLong, ToolMissingError } from '../../src/local/tool-ladder';

const missing = (why: string) => async () => ({ missing: why });
const found = (path: string) => async () => ({ path });

test('it tries each way in order until one leads to the tool, and reports each', async () => {
  const lines: string[] = [];
  const never = jest.fn(found('/late'));

  const path = await climb(
    'Tool',
    [
      { way: 'on the PATH', attempt: missing('not there') },
      {
        way: 'a download',
        attempt: async () => {
          throw new Error('no network');
        },
      },
      { way: 'a build', attempt: found('/bin/tool') },
      { way: 'never', attempt: never },
    ],
    'Install it.',
    (line) => lines.push(line),
  );

  expect(path).toBe('/bin/tool');
  expect(never).not.toHaveBeenCalled();
  expect(lines).toEqual(['Tool: on the PATH: not there', 'Tool: a download: no network', 'Tool: a build: /bin/tool']);
});

test('when no way leads to the tool, the error says what to install', async () => {
  const attempt = climb(
    'Tool',
    [{ way: 'on the PATH', attempt: missing('not there') }],
    'Install it.',
    () => undefined,
  );

  await expect(attempt).rejects.toThrow(ToolMissingError);
  await expect(attempt).rejects.toThrow('Tool could not be had. Install it.');
});

test('an address where nobody listens is not reachable', async () => {
  expect(await isReachable('http://127.0.0.1:9/')).toBe(false);
});

test('when a long run fails, the error shows the end of what it wrote', async () => {
  const program = "console.log('first'); console.error('the reason'); process.exit(3)";

  const run = runLong(process.execPath, ['-e', program], { progress: () => undefined });

  await expect(run).rejects.toThrow(/ended with code 3[\s\S]*the reason/);
});

test('when a long run is no longer wanted, it is ended', async () => {
  const wish = new AbortController();
  const run = runLong(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
    signal: wish.signal,
    progress: () => undefined,
  });

  wish.abort();

  await expect(run).rejects.toThrow(/aborted/);
});
