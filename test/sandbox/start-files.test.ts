import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';

let folder: string;
let sandbox: Sandbox | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sync-start-files-'));
});
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const fileOf = (content: unknown): string => {
  const path = join(folder, 'file.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const start = async (options: Parameters<typeof startSandbox>[0]): Promise<Sandbox> => {
  await sandbox?.stop();
  sandbox = await startSandbox({ dataDir: join(folder, 'data'), ...options });
  return sandbox;
};
const salesforce = { instance: 'salesforce/default' };
const fieldsOf = ({ salesforce: host }: Sandbox, object: string) =>
  host.vendor.org.schema.object(object)?.fields.filter(({ custom }) => custom);

test('custom objects with fields of every type and fields of standard objects are declared once', async () => {
  const types = {
    ...{ string: { length: 20 }, textarea: { length: 1_000 }, boolean: {}, int: {}, double: {}, currency: {} },
    ...{ percent: {}, date: {}, datetime: {}, time: {}, email: {}, phone: {}, url: {}, encryptedstring: {} },
    ...{ picklist: { picklist: ['A', 'B'] }, multipicklist: { picklist: ['A', 'B'] }, combobox: { picklist: ['A'] } },
    ...{ reference: { referenceTo: ['Contact'] }, location: {}, base64: {} },
  };
  const objectFile = fileOf([
    {
      ...salesforce,
      name: 'Plan__c',
      fields: Object.entries(types).map(([type, more]) => ({ name: `Of_${type}__c`, type, ...more })),
    },
    { ...salesforce, name: 'Contact', fields: [{ name: 'Plan__c', type: 'reference', referenceTo: ['Plan__c'] }] },
  ]);

  const first = await start({ objectFile });
  const declared = fieldsOf(first, 'Plan__c')?.filter(({ name }) => name.endsWith('__c'));
  first.salesforce.vendor.org.changeField('Plan__c', 'Of_string__c', { label: 'Changed since' });
  const second = await start({ objectFile });

  expect(declared?.map(({ type }) => type).sort()).toEqual(Object.keys(types).sort());
  expect(fieldsOf(second, 'Contact')).toMatchObject([{ name: 'Plan__c', referenceTo: ['Plan__c'] }]);
  expect(fieldsOf(second, 'Plan__c')).toContainEqual(
    expect.objectContaining({ name: 'Of_string__c', label: 'Changed since' }),
  );
});

test('faults of a file act from the start on', async () => {
  const faultFile = fileOf([{ instance: 'marketo/default', action: { type: 'respond', status: 503, body: 'Down' } }]);

  const { marketo } = await start({ faultFile });

  expect((await fetch(marketo.url)).status).toBe(503);
});

test.each([
  ['no JSON', 'nonsense', /file\.json cannot be read/],
  [
    'a field of no type',
    [{ ...salesforce, name: 'Contact', fields: [{ name: 'A__c', type: 'odd' }] }],
    /at \[0\]\.fields\[0\]\.type/,
  ],
  [
    'a standard object that is not there',
    [{ ...salesforce, name: 'Odd', fields: [{ name: 'A__c', type: 'date' }] }],
    /no object Odd/,
  ],
  [
    'a look-up to nowhere',
    [{ ...salesforce, name: 'Plan__c', fields: [{ name: 'A__c', type: 'reference', referenceTo: ['Odd__c'] }] }],
    /no object Odd__c/,
  ],
  ['an instance that is not there', [{ instance: 'salesforce/odd', name: 'Plan__c' }], /no instance salesforce\/odd/],
])('a file of objects with %s ends the start and says why', async (_what, content, why) => {
  await expect(start({ objectFile: fileOf(content) })).rejects.toThrow(why);
});
