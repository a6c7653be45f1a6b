import { ConnectorError } from '../../src/connectors/connector-error';
import { createUrlCheck } from '../../src/security/allowed-urls';

describe('the check of addresses', () => {
  const vendorsOnly = createUrlCheck([]);

  test.each([
    'https://123-abc-456.mktorest.com/rest/v1/leads.json',
    'https://login.salesforce.com/services/oauth2/token',
    'https://acme.my.salesforce.com/services/data/v60.0/query?q=SELECT+Id',
    'https://acme--dev.sandbox.my.salesforce.com:443/x',
    'https://acme.lightning.force.com/',
    'HTTPS://ACME.MY.SALESFORCE.COM/',
  ])('%s belongs to a vendor', (url) => {
    expect(() => vendorsOnly(url)).not.toThrow();
  });

  test.each([
    'http://acme.my.salesforce.com/',
    'https://acme.my.salesforce.com:8443/',
    'https://salesforce.com/',
    'https://mktorest.com/',
    'https://evil-salesforce.com/',
    'https://evilforce.com/',
    'https://x.mktorest.com.evil.example/',
    'https://x.mktorest.com@evil.example/',
    'https://evil.example/x.mktorest.com',
    'https://evil.example#.mktorest.com',
    'https://evil.example\\.mktorest.com/',
    'https://user@acme.my.salesforce.com/',
    'https://user:password@acme.my.salesforce.com/',
    'https://acme.my.salesforce.com./',
    'https://xn--mktorest-1ya.com/',
    'https://аcme.sаlesforce.com/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'http://localhost:4100/',
    'ftp://acme.my.salesforce.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//acme.my.salesforce.com/',
    '/services/data',
    'not an address',
    '',
  ])('%s is refused, for a person to act', (url) => {
    expect(() => vendorsOnly(url)).toThrow(ConnectorError);
    expect(() => vendorsOnly(url)).toThrow(
      expect.objectContaining({ code: 'URL_NOT_ALLOWED', advice: { retry: 'never' } }),
    );
  });

  test('a host that an administrator allows may be used, over plain http too', () => {
    const check = createUrlCheck(['127.0.0.1:4100', 'crm.internal', '[::1]:4200']);

    for (const url of [
      'http://127.0.0.1:4100/services/data',
      'https://127.0.0.1:4100/',
      'http://crm.internal/',
      'https://crm.internal:8443/x',
      'http://[::1]:4200/',
    ]) {
      expect(() => check(url)).not.toThrow();
    }
  });

  test.each([
    'http://127.0.0.1:4101/',
    'http://127.0.0.1/',
    'http://user@127.0.0.1:4100/',
    'http://sub.crm.internal/',
    'http://crm.internal.evil.example/',
    'ftp://crm.internal/',
  ])('beside allowed hosts, %s is refused', (url) => {
    expect(() => createUrlCheck(['127.0.0.1:4100', 'crm.internal'])(url)).toThrow(/may not use/);
  });

  test('what a refusal says holds no password, path or query', () => {
    expect(() => vendorsOnly('https://user:hunter2@evil.example/path?token=abc')).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/hunter2|abc|path/) }),
    );
  });
});
