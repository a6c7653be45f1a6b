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
  return page.evaluate(async (tags) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run({ runOnly: tags });
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
    );
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [...found, `wider than the window: ${scrollWidth} > ${clientWidth}`] : found;
  }, TAGS);
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
