import { visitsEditor } from '../support/editor-visit';

jest.setTimeout(300_000);

const visit = visitsEditor();

const PAGES = [
  ['basics', 'Basic Sync Configuration'],
  ['mappings', 'Field Mappings'],
  ['filter', 'Add Filter / Query'],
  ['preview', 'Preview Sync'],
  ['schedule', 'Schedule and Execution'],
] as const;
const WAYS = [
  { size: { width: 1280, height: 620 }, key: 'Tab' },
  { size: { width: 390, height: 620 }, key: 'Shift+Tab' },
] as const;
/** More than any page has places for the focus. */
const MOST_PLACES = 200;

/**
 * What has the focus, where something that stays in sight while one scrolls lies over a part of it; of what is taller than the room
 * between those, over all of it. Empty where nothing does, null at the end of the page. Runs in the page.
 */
function coveredFocus(): string | null {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const { left, top, right, bottom } = focused.getBoundingClientRect();
  const at = [0.1, 0.5, 0.9];
  const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(document.documentElement);
  const room = window.innerHeight - Number.parseFloat(scrollPaddingTop) - Number.parseFloat(scrollPaddingBottom);
  const isTaller = bottom - top > room;
  let seen = 0;
  let under = '';
  for (const x of at.map((part) => left + (right - left) * part)) {
    for (const y of at.map((part) => top + (bottom - top) * part)) {
      let over = document.elementFromPoint(x, y);
      while (over && !over.contains(focused)) {
        const { position } = getComputedStyle(over);
        if (position === 'sticky' || position === 'fixed') {
          under = `${focused.outerHTML.slice(0, 160)} under ${over.className}`;
          break;
        }
        over = over.parentElement;
      }
      if (over?.contains(focused)) seen += 1;
    }
  }
  return isTaller && seen > 0 ? '' : under;
}

test.each(PAGES)(
  'on the page %s whatever gets the focus by Tab, forwards or backwards, is in sight',
  async (step, heading) => {
    const rows = ['firstName', 'lastName', 'company', 'city', 'phone', 'title', 'country', 'postalCode'];
    const syncId = await visit.stack.savedSync({
      name: `In sight ${step}`,
      filter: {
        all: [visit.byKey, { column: 'country', operator: 'isNotEmpty' }, { column: 'email', operator: 'isNotEmpty' }],
      },
      mappings: [
        { from: { field: 'email' }, to: 'Email' },
        ...rows.map((field, index) => ({
          from: { field },
          to: [
            'FirstName',
            'LastName',
            'Department',
            'MailingCity',
            'Phone',
            'Title',
            'MailingCountry',
            'MailingPostalCode',
          ][index],
        })),
      ],
    });
    const covered: string[] = [];
    for (const { size, key } of WAYS) {
      await visit.page.setViewportSize(size);
      await visit.open(syncId, step);
      await visit.person.sees(heading);
      await visit.page
        .getByRole('button', { name: 'Back' })
        .or(visit.page.getByRole('button', { name: 'Next' }))
        .first()
        .waitFor();
      await visit.page.evaluate((goesBack) => {
        (document.activeElement as HTMLElement | null)?.blur();
        if (goesBack) document.querySelector<HTMLElement>('main button:last-of-type')?.focus();
      }, key === 'Shift+Tab');
      let places = 0;
      for (; places < MOST_PLACES; places += 1) {
        await visit.page.keyboard.press(key);
        const found = await visit.page.evaluate(coveredFocus);
        if (found === null) break;
        if (found !== '') covered.push(`${size.width} ${key}: ${found}`);
      }
      expect(places).toBeGreaterThan(5);
    }
    expect(covered).toEqual([]);
  },
);

test('the preview shows which date of duplicates decides, the record that wins first', async () => {
  const email = 'twice@example.com';
  const person = { email, lastName: 'Twice', createdAt: Date.parse('2026-01-02T10:00:00Z') };
  const [first, second] = ['2026-02-03T10:00:00Z', '2026-05-03T12:30:00Z'].map((updatedAt) => Date.parse(updatedAt));
  const { stores } = visit.stack.sandbox.marketo.vendor;
  stores.insertRecords('leads', [{ ...person, updatedAt: first ?? 0 }]);
  stores.insertRecords('leads', [{ ...person, updatedAt: second ?? 0 }]);
  const syncId = await visit.stack.savedSync({
    name: 'Decided by a date',
    deduplicate: 'youngestByLastUpdate',
    filter: { column: 'email', operator: 'equals', value: email },
    schedule: { type: 'now', timeZone: 'UTC' },
  });
  await visit.open(syncId, 'preview');
  await visit.text('The date compared is Updated At, shown in the time of UTC.').waitFor();

  const row = visit.page.getByRole('row', { name: new RegExp(email) });
  await row.getByText(/^\d+: Updated At 3 May 2026, 12:30:00, wins$/).waitFor();

  await row.getByText(/^\d+: Updated At 3 Feb 2026, 10:00:00$/).waitFor();
});
