const RUNS = 5;
const SLOWER = 4;
const JAVASCRIPT = /\.js$/;
const kilobytes = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;
const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

/**
 * How heavy the first page is, and how soon it shows its syncs and can be used, with an empty cache on a processor that is four times slower.
 * @param page signed in already
 * @returns lines of figures
 */
export async function measureFirstPage(page, url) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  const usable = [];
  for (let run = 0; run < RUNS; run += 1) {
    await page.goto(url, { waitUntil: 'commit' });
    // a link of the list can be followed: it is there, and the page has time to hear of it
    await page.getByRole('table').getByRole('link').first().click({ trial: true });
    usable.push(await page.evaluate(() => performance.now()));
  }
  const loaded = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name, encodedBodySize, decodedBodySize }) => ({ name, encodedBodySize, decodedBodySize })),
  );
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await devtools.detach();
  const scripts = loaded.filter(({ name }) => JAVASCRIPT.test(new URL(name).pathname));
  const sum = (member) => scripts.reduce((bytes, script) => bytes + script[member], 0);
  return [
    `First page: usable after ${median(usable).toFixed(0)} ms (median of ${usable.map((ms) => ms.toFixed(0)).join(', ')}), ` +
      `empty cache, processor ${SLOWER} times slower; wanted: under 2000 ms`,
    `First page: ${kilobytes(sum('encodedBodySize'))} of JavaScript as sent, ${kilobytes(sum('decodedBodySize'))} unpacked, ` +
      `in ${scripts.length} files; wanted: under 300 kB as sent`,
  ];
}
