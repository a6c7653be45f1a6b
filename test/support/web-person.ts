import type { Locator, Page } from 'playwright-core';

/** Somebody who uses a page by what is written on it, and counts what it takes: clicks, choices, and fields that are filled in. */
export class WebPerson {
  interactions = 0;

  constructor(readonly page: Page) {}

  async click(role: 'button' | 'link' | 'radio' | 'tab', name: string | RegExp): Promise<void> {
    this.interactions += 1;
    await this.page
      .getByRole(role, { name, exact: typeof name === 'string' })
      .first()
      .click();
  }

  /** Opens a list, and takes an entry of it: two interactions. */
  async choose(label: string, entry: string | RegExp): Promise<void> {
    this.interactions += 2;
    await this.field(label).click();
    await this.page.getByRole('option', { name: entry }).first().click();
  }

  async enter(label: string, text: string): Promise<void> {
    this.interactions += 1;
    await this.field(label).fill(text);
  }

  /** Pastes a text, as from another program. */
  async paste(label: string, text: string): Promise<void> {
    this.interactions += 1;
    await this.field(label).evaluate((element, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text', pasted);
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  }

  /** Waits until a page is there, by its heading. */
  async sees(heading: string): Promise<void> {
    await this.page.getByRole('heading', { name: heading, exact: true }).first().waitFor();
  }

  /** Waits until these words are on the page. */
  async finds(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).first().waitFor();
  }

  field(name: string): Locator {
    const of = (role: 'combobox' | 'textbox' | 'spinbutton') => this.page.getByRole(role, { name, exact: true });
    return of('combobox').or(of('textbox')).or(of('spinbutton')).first();
  }

  /** Waits until a field shows a value: some are filled in once what they name is loaded. */
  async reads(label: string, value: string): Promise<void> {
    const field = await this.field(label).elementHandle();
    await this.page.waitForFunction(([shown, wanted]) => (shown as HTMLInputElement).value === wanted, [
      field,
      value,
    ] as const);
  }

  /** Goes on by Tab alone until something of this name, which may still have to be loaded, has the focus. */
  async tabTo(name: string): Promise<void> {
    const of = (role: 'button' | 'link' | 'radio') => this.page.getByRole(role, { name, exact: true });
    await this.field(name).or(of('button')).or(of('link')).or(of('radio')).first().waitFor();
    for (let step = 0; step < MOST_TABS; step += 1) {
      const here = await this.page.evaluate(focusedName);
      if (here === name) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to "${name}".`);
  }

  /** By the keyboard: takes the entry of a list that fits a text. */
  async pick(label: string, text: string): Promise<void> {
    await this.tabTo(label);
    await this.page.keyboard.type(text);
    await this.page.getByRole('option', { name: text }).first().waitFor();
    await this.page.keyboard.press('ArrowDown');
    await this.page.keyboard.press('Enter');
  }
}

const MOST_TABS = 120;

/** What has the focus is called: its label, or what is written on it. Runs in the page. */
function focusedName(): string {
  const element = document.activeElement as HTMLElement | null;
  if (!element) return '';
  const labels = 'labels' in element ? [...((element as HTMLInputElement).labels ?? [])] : [];
  const label = labels.map(({ textContent }) => textContent ?? '').join(' ');
  const name = element.getAttribute('aria-label') ?? (label || element.textContent) ?? '';
  return name.replace('*', '').trim();
}
