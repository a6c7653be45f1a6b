/**
 * Compares docs/security.md with the tests, both ways: every requirement is in the table once, what is told as tested is claimed by the title of a test in each
 * file that is named, and every title that claims a requirement is in the table.
 *
 * A title claims requirements at its end: `… (ASVS 1.2.10, 4.1.1)`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, say } from './run.mjs';

const ROW = /^\| (\d+\.\d+\.\d+) +\| (\d) +\| (.+?) +\| ([\w ]+?) +\| (.+?) +\|$/gm;
const CLAIM = /\(ASVS ((?:\d+\.\d+\.\d+)(?:, \d+\.\d+\.\d+)*)\)['"`]/g;
const STANDS = ['tested', 'documented', 'not met', 'does not apply'];

/** The claims of all tests: `number file`. */
function claimsOf(folder) {
  const claims = new Set();
  const faults = [];
  for (const name of readdirSync(join(folder, 'test'), { recursive: true }).sort()) {
    if (!name.endsWith('.test.ts')) continue;
    const file = `test/${name}`;
    const text = readFileSync(join(folder, file), 'utf8');
    const found = [...text.matchAll(CLAIM)];
    for (const [, numbers] of found) for (const number of numbers.split(', ')) claims.add(`${number} ${file}`);
    if (found.length !== [...text.matchAll(/\bASVS \d/g)].length) {
      faults.push(`${file} speaks of ASVS elsewhere than at the end of a title, as "… (ASVS 1.2.3, 4.5.6)".`);
    }
  }
  return { claims, faults };
}

/**
 * @param {string} folder the one that holds `docs` and `test`
 * @returns {string[]} what does not fit, in sentences
 */
export function faultsOfSecurityDocument(folder) {
  const levels = JSON.parse(readFileSync(join(root, 'scripts', 'asvs-5.0.json'), 'utf8'));
  const wanted = new Map(
    Object.entries(levels).flatMap(([level, numbers]) => numbers.map((number) => [number, level])),
  );
  const { claims, faults } = claimsOf(folder);
  const told = new Set();
  const numbers = new Set();
  for (const [, number, level, , stands, proof] of readFileSync(join(folder, 'docs/security.md'), 'utf8').matchAll(
    ROW,
  )) {
    const files = [...proof.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, file]) => file);
    if (numbers.has(number)) faults.push(`${number} is in the table twice.`);
    numbers.add(number);
    if (!wanted.has(number)) faults.push(`${number} is none of the requirements.`);
    else if (wanted.get(number) !== level) faults.push(`${number} is of level ${wanted.get(number)}, not ${level}.`);
    if (!STANDS.includes(stands))
      faults.push(`${number} stands as "${stands}", which is none of: ${STANDS.join(', ')}.`);
    if ((stands === 'tested') !== files.length > 0)
      faults.push(`${number} is told as ${stands}, with ${files.length} tests.`);
    for (const file of files) {
      told.add(`${number} ${file}`);
      if (!claims.has(`${number} ${file}`)) faults.push(`No title of a test in ${file} claims ${number}.`);
    }
  }
  for (const number of wanted.keys()) if (!numbers.has(number)) faults.push(`${number} is not in the table.`);
  for (const claim of claims)
    if (!told.has(claim))
      faults.push(`A title claims ${claim.replace(' ', ' in ')}, which the table does not name there.`);
  return faults;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = faultsOfSecurityDocument(process.argv[2] ?? root);
  for (const fault of faults) say(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
