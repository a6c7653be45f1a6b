import { ConnectorError } from '../../src/connectors/connector-error';
import { createUrlCheck } from '../../src/security/allowed-urls';

const HOSTILE = [
  // what is not https, or not on its port
  'http://acme.my.salesforce.com/',
  'http://acme.my.salesforce.com:443/',
  'http://123-abc-456.mktorest.com/',
  'https://acme.my.salesforce.com:8443/',
  'https://acme.my.salesforce.com:80/',
  'https://acme.my.salesforce.com:0/',
  'https://123-abc-456.mktorest.com:22/',
  'ftp://acme.my.salesforce.com/',
  'ws://acme.my.salesforce.com/',
  'wss://acme.my.salesforce.com/',
  'file:///etc/passwd',
  'file://acme.my.salesforce.com/etc/passwd',
  'gopher://acme.my.salesforce.com/',
  'javascript:alert(1)',
  'javascript://acme.my.salesforce.com/%0aalert(1)',
  'data:text/html,x',
  'blob:https://acme.my.salesforce.com/x',
  'about:blank',
  'mailto:x@acme.my.salesforce.com',
  'jar:https://acme.my.salesforce.com/',
  'https+unix://acme.my.salesforce.com/',
  // the name of a vendor as a part of another
  'https://salesforce.com/',
  'https://force.com/',
  'https://mktorest.com/',
  'https://evil-salesforce.com/',
  'https://evilsalesforce.com/',
  'https://evilforce.com/',
  'https://notmktorest.com/',
  'https://x.mktorest.com.evil.example/',
  'https://acme.my.salesforce.com.evil.example/',
  'https://acme.my.salesforce.com.co/',
  'https://acme.my.salesforce.community/',
  'https://acme.my.salesforce.comevil.example/',
  'https://salesforce.com.evil.example/',
  'https://acme-my-salesforce.com/',
  'https://acme.my.salesforce.org/',
  'https://acme.my-salesforce.com/',
  'https://acme.salesforce.com-evil.example/',
  'https://evil.example/x.mktorest.com',
  'https://evil.example/?.mktorest.com',
  'https://evil.example/?q=https://acme.my.salesforce.com/',
  'https://evil.example#.mktorest.com',
  'https://evil.example#@acme.my.salesforce.com/',
  'https://evil.example;.mktorest.com/',
  'https://evil.example&.mktorest.com/',
  // a user before the host, and what is taken for one
  'https://x.mktorest.com@evil.example/',
  'https://x.mktorest.com:443@evil.example/',
  'https://acme.my.salesforce.com%40evil.example/',
  'https://user@acme.my.salesforce.com/',
  'https://user:password@acme.my.salesforce.com/',
  'https://:password@acme.my.salesforce.com/',
  'https://evil.example@acme.my.salesforce.com/',
  'https://evil.example:x@acme.my.salesforce.com/',
  'https://acme.my.salesforce.com@127.0.0.1/',
  'https://a@b@evil.example/',
  // backslashes, blanks, control characters, percent signs
  'https://evil.example\\.mktorest.com/',
  'https://evil.example\\@acme.my.salesforce.com/',
  'https:\\\\evil.example\\acme.my.salesforce.com',
  'https://acme.my.salesforce.com\\@evil.example:1/\\..',
  'https://evil.example%2f.mktorest.com/',
  'https://evil.example%5c.mktorest.com/',
  'https://evil.example%00.mktorest.com/',
  'https://evil.example\u0000.mktorest.com/',
  'https://evil.example .mktorest.com/',
  'https://evil.example%20.mktorest.com/',
  'https://evil.example%23.mktorest.com/',
  'https://evil.example%3f.mktorest.com/',
  'https://evil.example\t/.mktorest.com/',
  'https://evil.example\r\n/.mktorest.com/',
  'https://ev^il.mktorest.com/',
  'https://ev|il.mktorest.com/',
  'https://<evil>.mktorest.com/',
  // letters that look alike, and dots that are none
  'https://xn--mktorest-1ya.com/',
  'https://xn--slesforce-m2i.com/',
  'https://аcme.sаlesforce.com/',
  'https://acme.ѕalesforce.com/',
  'https://acme.my.salesforçe.com/',
  'https://acme.my.salesforce。com.evil.example/',
  'https://evil.example／.mktorest.com/',
  'https://evil.example？.mktorest.com/',
  'https://evil.example＃.mktorest.com/',
  'https://evil.example＠acme.my.salesforce.com/',
  'https://acme.my.salesforce.com./',
  'https://acme.my.salesforce.com../',
  'https://123-abc-456.mktorest.com./',
  'https://ⓔvil.example/',
  'https://xn--a.mktorest.com/',
  // addresses of machines
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0x7f000001/',
  'https://0x7f.0x0.0x0.0x1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://0/',
  'https://0.0.0.0/',
  'https://10.0.0.1/',
  'https://192.168.1.1/',
  'https://172.16.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/latest/meta-data/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://100.100.100.200/',
  'https://8.8.8.8/',
  'https://１２７.０.０.１/',
  'https://①②⑦.⓪.⓪.①/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[0:0:0:0:0:ffff:169.254.169.254]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[fe80::1]/',
  'https://[fe80::1%25eth0]/',
  'https://[fd00:ec2::254]/',
  'https://[2002:7f00:1::]/',
  'https://[::1].mktorest.com/',
  // names of this machine and its neighbours
  'http://localhost:4100/',
  'https://localhost/',
  'https://localhost.localdomain/',
  'https://metadata.google.internal/',
  'https://kubernetes.default.svc/',
  'https://127.0.0.1.nip.io/',
  'https://temporal:7233/',
  // what is no address
  '//acme.my.salesforce.com/',
  '/services/data',
  'acme.my.salesforce.com',
  'https:///',
  'https://',
  'https://.mktorest.com/',
  'https://..mktorest.com/',
  'https://?acme.my.salesforce.com',
  'not an address',
  'null',
  'undefined',
  '',
];

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

  test('hostile addresses are a hundred at least', () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(100);
  });

  test.each(HOSTILE)('%s is refused, for a person to act (ASVS 1.2.2, 1.3.6, 1.5.3, 12.2.1, 13.2.4)', (url) => {
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
