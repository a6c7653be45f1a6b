import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The sandbox plays vendors, and guards nothing. */
const files = ['src', 'db', 'activities', 'workflows'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith(join('src', 'sandbox'))),
);
const sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
/** Names that a file takes from a module of cryptography; `randomUUID` tells things apart and guards nothing. */
const namesOf = (source: string): string[] =>
  [...source.matchAll(/import (?:\{([^}]*)\}|[^;{]*) from '(?:node:crypto|node:tls|selfsigned)'/g)]
    .flatMap(([, names = 'all']) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'randomUUID');
const cryptography = [...sources].filter(([, source]) => namesOf(source).length > 0);
const inventory = readFileSync('docs/security.md', 'utf8').split('## Cryptography')[1]?.split('\n## ')[0] ?? '';

test('every place that uses cryptography is in the inventory, and nothing else is (ASVS 11.1.2, 11.1.3)', () => {
  const told = [...inventory.matchAll(/`((?:src|db|activities|workflows)\/[\w/.-]+\.ts)`/g)].map(([, file]) => file);

  expect(cryptography.length).toBeGreaterThan(10);
  expect([...new Set(told)].sort()).toEqual(cryptography.map(([file]) => file).sort());
});

test('no broken algorithm is used, and no cryptography of our own or of a library but that of Node.js (ASVS 11.2.1, 11.3.1, 11.4.1)', () => {
  const wrong = [...sources].filter(([, source]) =>
    /['"](md5|sha-?1|rc[24]|bf|des(-\w+)*|aes-\d+-(ecb|cbc))['"]|from '(crypto-js|node-forge|bcrypt|bcryptjs|tweetnacl|sjcl)'/i.test(
      source,
    ),
  );

  expect(wrong.map(([file]) => file)).toEqual([]);
});

test('what nobody may guess is never made by a generator that can be foreseen (ASVS 6.5.3, 11.5.1)', () => {
  const foreseeable = [...sources].filter(([, source]) => source.includes('Math.random')).map(([file]) => file);

  // jitter of waits, and nothing else
  expect(foreseeable.filter((file) => /security|session|sign|key|secret|token/i.test(file))).toEqual([]);
  expect(cryptography.filter(([file]) => foreseeable.includes(file))).toEqual([]);
});
