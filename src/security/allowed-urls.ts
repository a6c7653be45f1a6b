import { ConnectorError } from '../connectors/connector-error';

/** The vendors' own hosts; the dot before keeps `evil-salesforce.com` out. */
const VENDOR_DOMAINS = ['.salesforce.com', '.force.com', '.mktorest.com'];
/** Names as DNS knows them; URLs take others too. */
const HOST_NAME = /^([a-z\d]([a-z\d-]*[a-z\d])?\.)+[a-z]+$/;
/** What some programs take for a slash, or leave out, and others do not. */
const AMBIGUOUS = /[\\\p{Cc}]/u;

/**
 * Checks addresses before anything is sent to them, those from a vendor's answers included: https on the standard port to the
 * vendors' own hosts, or a host that an administrator allows.
 * @param allowedHosts `name` or `name:port`, lower case; plain http is allowed to them
 * @returns throws a `ConnectorError` with the code `URL_NOT_ALLOWED` for every other address
 */
export function createUrlCheck(allowedHosts: readonly string[]): (url: string) => void {
  return (text) => {
    const url = !AMBIGUOUS.test(text) && URL.canParse(text) ? new URL(text) : null;
    if (url && (isAllowedHost(url, allowedHosts) || isVendors(url))) return;
    const where = url ? `${url.protocol}//${url.host}` : 'an address that is none';
    const message = `Connections may not use ${where}. Use the host that Marketo or Salesforce shows, or let an administrator add it to SYNC_ALLOWED_HOSTS.`;
    throw new ConnectorError(message, 'URL_NOT_ALLOWED', { retry: 'never' });
  };
}

const hasUser = (url: URL): boolean => url.username !== '' || url.password !== '';

/** Whether an administrator allows the host of an address. @param allowedHosts `name` or `name:port`, lower case */
export function isAllowedHost(url: URL, allowedHosts: readonly string[]): boolean {
  if (hasUser(url) || !['http:', 'https:'].includes(url.protocol)) return false;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return allowedHosts.includes(url.hostname) || allowedHosts.includes(`${url.hostname}:${port}`);
}

function isVendors(url: URL): boolean {
  if (url.protocol !== 'https:' || url.port !== '' || hasUser(url)) return false;
  return HOST_NAME.test(url.hostname) && VENDOR_DOMAINS.some((domain) => url.hostname.endsWith(domain));
}
