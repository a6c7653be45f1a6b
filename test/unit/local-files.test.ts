import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlreadyRunningError, takeLock } from '../../src/local/instance-lock';
import { newSecretKey, readOrMakeKey } from '../../src/local/keys';
import { LogFiles } from '../../src/local/log-files';

let folder: string;
const silent = () => undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sync-unit-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a key file', () => {
  test('when it is missing, it is made for its owner alone, and found again (ASVS 6.3.2)', async () => {
    const file = join(folder, 'secret.key');

    const made = await readOrMakeKey(file, newSecretKey);
    const found = await readOrMakeKey(file, newSecretKey);

    expect(Buffer.from(made, 'base64')).toHaveLength(32);
    expect(found).toBe(made);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('when several starts make it at once, all have the same key and nothing else is left', async () => {
    const file = join(folder, 'secret.key');

    const keys = await Promise.all(Array.from({ length: 20 }, () => readOrMakeKey(file, newSecretKey)));

    expect(new Set(keys).size).toBe(1);
    expect(await readdir(folder)).toEqual(['secret.key']);
  });

  test('when others may read it, it is refused with the remedy (ASVS 13.3.2)', async () => {
    const file = join(folder, 'secret.key');
    await readOrMakeKey(file, newSecretKey);
    await chmod(file, 0o640);

    await expect(readOrMakeKey(file, newSecretKey)).rejects.toThrow(`chmod 600 '${file}'`);
  });
});

describe('the lock of a data folder', () => {
  test('when a process holds it, a second one is refused and told who', async () => {
    const file = join(folder, 'supervisor.json');
    const lock = await takeLock({ file, dataDir: folder, say: silent });

    const second = takeLock({ file, dataDir: folder, say: silent });

    await expect(second).rejects.toThrow(AlreadyRunningError);
    await expect(second).rejects.toThrow(String(process.pid));
    await lock.release();
    await (await takeLock({ file, dataDir: folder, say: silent })).release();
  });

  test('when its holder was killed, and another process has that id now, it is taken over', async () => {
    const file = join(folder, 'supervisor.json');
    await writeFile(file, JSON.stringify({ pid: process.pid, identity: 'an earlier process', isStopping: false }));

    const lock = await takeLock({ file, dataDir: folder, say: silent });

    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid, isStopping: false });
    await lock.release();
  });

  test('when it was left half-written, it is taken over', async () => {
    const file = join(folder, 'supervisor.json');
    await writeFile(file, '{"pid": 1');

    const lock = await takeLock({ file, dataDir: folder, say: silent });

    await lock.release();
  });

  test('when who started its holder is gone, the next one waits, since the holder stops by itself', async () => {
    const file = join(folder, 'supervisor.json');
    const launcher = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    const lock = await takeLock({ file, dataDir: folder, launcherPid: launcher.pid, say: silent });
    await expect(takeLock({ file, dataDir: folder, say: silent })).rejects.toThrow(AlreadyRunningError);
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');

    const next = takeLock({ file, dataDir: folder, say: () => void lock.release() });

    await (await next).release();
  });

  test('when its holder is stopping, the next one waits for it and says so', async () => {
    const file = join(folder, 'supervisor.json');
    const lines: string[] = [];
    const lock = await takeLock({ file, dataDir: folder, say: silent });
    await lock.announceStop();

    const next = takeLock({
      file,
      dataDir: folder,
      say: (line) => {
        lines.push(line);
        void lock.release();
      },
    });

    await (await next).release();
    expect(lines).toEqual([expect.stringContaining(`process ${process.pid}`)]);
  });
});

describe('the log of a part', () => {
  test('when it has grown large, it is set aside, and who has it open goes on writing', async () => {
    const logs = new LogFiles(folder);
    const large = 'x'.repeat(50_000_001);
    await writeFile(logs.pathOf('api'), large);

    await logs.setAsideIfLarge('api');

    expect((await stat(logs.pathOf('api'))).size).toBe(0);
    expect((await stat(`${logs.pathOf('api')}.1`)).size).toBe(large.length);
  });

  test('its last lines tell why the part has ended', async () => {
    const logs = new LogFiles(folder);
    await writeFile(logs.pathOf('api'), 'one\ntwo\nthree\n');

    expect(await logs.tail('api', 2)).toBe('two\nthree');
  });
});
