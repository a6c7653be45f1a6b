import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { isAllowedHost } from './allowed-urls';

/** IPv4 addresses that no server of the internet has (IANA's registry of special purposes, multicast, reserved). */
const NOT_PUBLIC_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Within the global unicast range, what is for documentation and tests, or carries an IPv4 address that would have to be looked at. */
const NOT_PUBLIC_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const listOf = (ranges: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const [net, prefix] of ranges) list.addSubnet(net, prefix, family);
  return list;
};

const notPublicV4 = listOf(NOT_PUBLIC_V4, 'ipv4');
const notPublicV6 = listOf(NOT_PUBLIC_V6, 'ipv6');
const globalV6 = listOf([['2000::', 3]], 'ipv6');

/** Whether an IP address is one of the internet: not of this machine, of a private network, of a link, or of no one. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicV4.check(address, 'ipv4');
    case 6:
      return globalV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** A host name leads to an address that is not of the internet. */
export class AddressNotPublic extends Error {
  override readonly name = 'AddressNotPublic';
  readonly code = 'ADDRESS_NOT_PUBLIC';
}

/**
 * Why nothing is sent to an address; null where it may be tried. Names are looked at again when they have been resolved: see `publicLookup`.
 * @param allowedHosts `name` or `name:port` that an administrator allows, plain http and private addresses included
 */
export function whyNotPublic(text: string, allowedHosts: readonly string[]): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) return 'It is no address. Enter one such as https://example.com/hooks.';
  if (url.username !== '' || url.password !== '') return 'Leave out the user and the password.';
  if (isAllowedHost(url, allowedHosts)) return null;
  const remedy = 'Let an administrator add the host to SYNC_ALLOWED_HOSTS if that is meant.';
  if (url.protocol !== 'https:') return `It has to begin with https://. ${remedy}`;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) return `It leads into a private network. ${remedy}`;
  return null;
}

/**
 * Resolves names for a connection, which is made to the very address that was looked at, so that a name which resolves to another one a
 * moment later gains nothing.
 * @param resolve how names are resolved
 */
export const publicLookup =
  (resolve: typeof lookup = lookup): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const [first] = addresses;
      if (!first || addresses.some(({ address }) => !isPublicAddress(address))) {
        return callback(new AddressNotPublic(`${hostname} leads into a private network.`), '');
      }
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
