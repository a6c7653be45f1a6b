import type { lookup } from 'node:dns';
import { isPublicAddress, publicLookup, whyNotPublic } from '../../src/security/public-addresses';

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::a00:1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  'example.com',
  '',
])('%s is not an address of the internet', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '100.63.0.1',
  '192.0.1.1',
  '223.255.255.1',
  '2606:4700::1',
  '2a00:1450:4001::1',
])('%s is an address of the internet', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ['https://example.com/hooks', null],
  ['https://example.com:8443/hooks', null],
  ['https://8.8.8.8/', null],
  ['http://example.com/', 'https://'],
  ['ftp://example.com/', 'https://'],
  ['https://user:password@example.com/', 'Leave out'],
  ['https://127.0.0.1/', 'private'],
  ['https://2130706433/', 'private'],
  ['https://0x7f.1/', 'private'],
  ['https://017700000001/', 'private'],
  ['https://[::1]/', 'private'],
  ['https://[::ffff:169.254.169.254]/', 'private'],
  ['http://inside.example.com/', null],
  ['https://inside.example.com/', null],
  ['http://other.example.com:8080/', null],
  ['http://other.example.com/', 'https://'],
  ['no address', 'no address'],
])('%s is refused for a reason, or not: %s', (url, reason) => {
  const refusal = whyNotPublic(url, ['inside.example.com', 'other.example.com:8080']);

  if (reason === null) expect(refusal).toBeNull();
  else expect(refusal).toContain(reason);
});

/** Names resolve to these addresses. */
const resolvingTo = (...addresses: { address: string; family: number }[]) =>
  ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
    callback(null, addresses)) as unknown as typeof lookup;

const looked = (resolve: typeof lookup, all: boolean) =>
  new Promise<unknown>((settle) => {
    publicLookup(resolve)('hooks.example.com', { all }, (error, address, family) =>
      settle(error ? error.name : all ? address : [address, family]),
    );
  });

test('a name that leads into a private network is refused, also with one of several addresses', async () => {
  const inside = { address: '10.0.0.5', family: 4 };
  const outside = { address: '93.184.216.34', family: 4 };

  expect(await looked(resolvingTo(inside), true)).toBe('AddressNotPublic');
  expect(await looked(resolvingTo(outside, inside), false)).toBe('AddressNotPublic');
  expect(await looked(resolvingTo(), true)).toBe('AddressNotPublic');
});

test('the connection is made to the addresses that were looked at', async () => {
  const outside = { address: '93.184.216.34', family: 4 };

  expect(await looked(resolvingTo(outside), true)).toEqual([outside]);
  expect(await looked(resolvingTo(outside), false)).toEqual(['93.184.216.34', 4]);
});
