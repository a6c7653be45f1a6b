import fc from '../support/fast-check';
import { placesOf } from '../support/marker-forms';

const marker = 'marker-0b6c+/ä:1f';

test.each(['utf8', 'hex', 'base64', 'base64url'] as const)(
  'a marker is found in %s, whatever stands around it',
  (encoding) => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const text = Buffer.from(`${before}${marker}${after}`, 'utf8').toString(encoding);
        return placesOf(marker, new Map([['a place', text]])).length === 1;
      }),
    );
  },
);

test('a marker is found in a URL and in JSON, and nothing is found where there is none', () => {
  const quoted = 'marker "0b6c" \\ 1f';
  const places = new Map([
    ['a URL', `https://example.com/?secret=${encodeURIComponent(quoted)}`],
    ['JSON', JSON.stringify({ secret: quoted })],
    ['elsewhere', `marker 0b6c 1f ${Buffer.from('marker').toString('base64')}`],
  ]);

  expect(placesOf(quoted, places)).toEqual(['JSON', 'a URL']);
});
