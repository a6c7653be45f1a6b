import { source as axeSource } from 'axe-core';
import type { Page } from 'playwright-core';

/** Rules of WCAG 2.2, levels A and AA, and what is good practice besides. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const WIDE = 1280;
const HEIGHT = 900;

/** The looks that every page is checked in. */
export const LOOKS = [
  { colorScheme: 'light', width: WIDE },
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'dark', width: WIDE },
  { colorScheme: 'dark', width: 390 },
] as const;

/** Of a small phone, and of a usual one beside a scrollbar: here too nothing has to be scrolled sideways. */
const NARROWEST = 360;

/**
 * What axe finds on a page as it is shown, in one look: an empty list, or each rule with the elements that break it; also that the page has
 * to be scrolled sideways.
 */
export async function accessibilityProblems(page: Page, look: (typeof LOOKS)[number]): Promise<string[]> {
  await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width: look.width, height: HEIGHT });
  await page.locator(`[data-mantine-color-scheme="${look.colorScheme}"]`).waitFor();
  await page.evaluate(untilColoursHaveChanged);
  await page.evaluate(axeSource);
  const found = await page.evaluate(async (tags) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run({ runOnly: tags });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  }, TAGS);
  return [...found, ...(await widerThanWindow(page, look.width))];
}

/** What sticks out of a window of this width, and for a narrow one of the narrowest too; leaves it as wide as it was. */
async function widerThanWindow(page: Page, width: number): Promise<string[]> {
  const wider = await page.evaluate(sticksOut);
  if (width === WIDE) return wider;
  await page.setViewportSize({ width: NARROWEST, height: HEIGHT });
  // what is rendered anew for another width is so by then
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const narrowest = await page.evaluate(sticksOut);
  await page.setViewportSize({ width, height: HEIGHT });
  return [...new Set([...wider, ...narrowest])];
}

/** That the page has to be scrolled sideways, with the first element beyond its edge. */
function sticksOut(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const beyond = [...document.querySelectorAll('body *')].find(
    (element) => element.getBoundingClientRect().right > clientWidth,
  );
  return [`wider than the window: ${scrollWidth} > ${clientWidth}: ${beyond?.outerHTML.slice(0, 200)}`];
}

/** Colours pass into those of another scheme within moments; what turns for ever is not waited for. */
async function untilColoursHaveChanged(): Promise<void> {
  const passing = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(passing.map(({ finished }) => finished));
}

/** Checks a page as it is shown, in every look, and leaves it wide. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const look of LOOKS) {
    expect({ look, problems: await accessibilityProblems(page, look) }).toEqual({ look, problems: [] });
  }
  await page.setViewportSize({ width: WIDE, height: HEIGHT });
}
