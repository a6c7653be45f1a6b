import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../run.mjs';
import { imported } from './browser.mjs';
import { parts } from './parts.mjs';
import { scenes } from './scenes.mjs';

/**
 * Shows every page, tab and dialog in each look (light and dark, wide and narrow), takes its picture, and asks axe about it.
 * @param only names of some of them; all when left out
 * @returns how many of them have something that axe, or a window of that width, finds fault with
 */
export async function showLooks({ page, url, demo, into, only }) {
  const { accessibilityProblems, LOOKS } = await imported('test/support/accessibility.ts');
  mkdirSync(into, { recursive: true });
  let faults = 0;
  const shown = [...scenes(demo), ...parts(demo)].filter(({ name }) => only?.includes(name) ?? true);
  for (const { name, path, prepare } of shown) {
    await page.setViewportSize({ width: LOOKS[0].width, height: HEIGHT });
    await page.goto(`${url}${path}`);
    await prepare(page);
    for (const look of LOOKS) {
      const problems = await accessibilityProblems(page, look);
      const title = `${name}-${look.width}-${look.colorScheme}`;
      await page.screenshot({ path: join(into, `${title}.png`), fullPage: true, animations: 'disabled' });
      if (problems.length > 0) faults += 1;
      for (const problem of problems) say(`${title}: ${problem}`);
    }
    say(`${name}: seen in ${LOOKS.length} looks`);
  }
  return faults;
}

const HEIGHT = 900;
