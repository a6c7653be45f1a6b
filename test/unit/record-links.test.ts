import { recordLink } from '../../src/api/record-links';

const salesforce = (loginUrl: string) => ({ kind: 'salesforce' as const, settings: { loginUrl } });
const marketo = (settings: Record<string, unknown> = {}) => ({ kind: 'marketo' as const, settings });

test.each([
  ['https://sample.my.salesforce.com', 'https://sample.my.salesforce.com/003000000000001AAA'],
  ['https://login.salesforce.com', 'https://login.salesforce.com/?startURL=%2F003000000000001AAA'],
  ['http://127.0.0.1:4100', null],
])('a record of Salesforce that is signed in to at %s is found at %s', (loginUrl, link) => {
  expect(recordLink(salesforce(loginUrl), 'Contact', '003000000000001AAA')).toBe(link);
});

test('a person in Marketo is found where the address of its pages is known, and nothing else of Marketo is', () => {
  const known = marketo({ webUrl: 'https://app-ab01.example.com' });

  expect(recordLink(known, 'Lead', '42')).toBe('https://app-ab01.example.com/leadDatabase/loadLeadDetail?leadId=42');
  expect(recordLink(known, 'Company', '42')).toBeNull();
  expect(recordLink(marketo(), 'Lead', '42')).toBeNull();
});

test('an Id does not leave its place in the address (ASVS 1.2.2)', () => {
  expect(recordLink(salesforce('https://sample.my.salesforce.com'), 'Contact', '../x?y')).toBe(
    'https://sample.my.salesforce.com/..%2Fx%3Fy',
  );
});
