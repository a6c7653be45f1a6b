import { climb, onPath, type Rung, runLong, type Say } from '../../../src/local/tool-ladder';

/**
 * A way to a tool: Debian's packages, where this process may install them.
 * @param find looks for the tool once they are there
 */
export function systemPackages(
  tool: string,
  packages: readonly string[],
  find: () => Promise<string | undefined>,
  say: Say,
): Rung {
  return {
    way: `apt-get install ${packages.join(' ')}`,
    attempt: async () => {
      const aptGet = await onPath('apt-get');
      if (!aptGet) return { missing: 'there is no apt-get' };
      if (process.getuid?.() !== 0) return { missing: 'only root may install packages' };
      const run = (args: readonly string[]) =>
        runLong(aptGet, [...args], {
          env: { DEBIAN_FRONTEND: 'noninteractive' },
          progress: (lines, seconds) => say(`${tool}: installing, ${lines} lines so far, ${seconds} s`),
        });
      await run(['update', '-q']);
      await run(['install', '-q', '-y', '--no-install-recommends', ...packages]);
      const path = await find();
      return path === undefined ? { missing: 'the packages do not bring it' } : { path };
    },
  };
}

/** A program on the PATH, else by Debian's packages. */
export function programOrPackages(program: string, packages: readonly string[], say: Say): Promise<string> {
  return climb(
    program,
    [
      {
        way: 'on the PATH',
        attempt: async () => {
          const path = await onPath(program);
          return path === undefined ? { missing: 'not there' } : { path };
        },
      },
      systemPackages(program, packages, () => onPath(program), say),
    ],
    `Install it, for example by "apt-get install ${packages.join(' ')}".`,
    say,
  );
}
