import type { Locator, Page } from 'playwright-core';
import { WebPerson } from './web-person';
import { WebUiStack } from './web-ui-stack';

const PEOPLE = 60;

/** Somebody who edits a sync in a browser of their own. */
export interface EditorVisit {
  readonly stack: WebUiStack;
  readonly page: Page;
  readonly person: WebPerson;
  /** Selects a few people by their keys, which takes no export. */
  readonly byKey: Awaited<ReturnType<WebUiStack['fewPeople']>>;
  /** Opens a page of the editor. */
  open(syncId: string, step: string): Promise<void>;
  /** The first place where these words are. */
  text(words: string | RegExp): Locator;
}

/**
 * To be called by a file of tests: both vendors, the API and a browser for all of them, and for each a page on which nothing was begun.
 * @param prepare changes the vendors before the first of them
 */
export function visitsEditor(prepare: (stack: WebUiStack) => void = () => undefined): EditorVisit {
  let stack: WebUiStack;
  let page: Page;
  let person: WebPerson;
  let byKey: EditorVisit['byKey'];

  beforeAll(async () => {
    stack = await WebUiStack.start({ people: PEOPLE });
    byKey = await stack.fewPeople();
    prepare(stack);
  }, 120_000);
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    page = await stack.open();
    // what another test has begun
    await page.evaluate(() => localStorage.clear());
    person = new WebPerson(page);
  });
  afterEach(async () => {
    expect(stack.complaints()).toEqual([]);
    await page.close();
  });
  return {
    get stack() {
      return stack;
    },
    get page() {
      return page;
    },
    get person() {
      return person;
    },
    get byKey() {
      return byKey;
    },
    async open(syncId, step) {
      await stack.open(`/syncs/${syncId}/edit/${step}`, page);
    },
    text: (words) => page.getByText(words).first(),
  };
}
