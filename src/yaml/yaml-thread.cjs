/**
 * A thread that reads YAML: a large file takes seconds, in which whoever asked goes on. A file of its own, in plain JavaScript, since threads
 * are started from files. It answers one task (`workerData`) and ends.
 *
 * JSON is YAML, so both are read. Refused with the place: keys that stand twice, aliases (by which a small file becomes a huge one), tags.
 */
const { parentPort, workerData } = require('node:worker_threads');
const yaml = require('js-yaml');

/** Deeper than anything that is taken, so that what is limited more narrowly is told by its own limit. */
const MAX_DEPTH = 300;
/** More than 20 MB of definitions hold; a file of nothing but brackets takes minutes and all memory. */
const MOST_VALUES = 3_000_000;

class Refused extends Error {}

/** @param {string} text @returns {string} the documents as JSON, which takes others less time to receive than objects do */
function documents(text) {
  if (text.split(/[[{,\n]/, MOST_VALUES + 1).length > MOST_VALUES) throw new Refused('it holds too many values');
  const read = yaml.loadAll(text, { schema: yaml.CORE_SCHEMA, maxAliases: 0, maxDepth: MAX_DEPTH });
  return JSON.stringify(read, (_name, value) => {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new Refused('.inf and .nan are no values here: write them in quotes where they are texts');
    return value;
  });
}

/**
 * Where members begin. @param {string} text @param {string[][]} paths names and positions from the top
 * @returns {(number | null)[]} lines, from 1; that of the nearest member around one that is not there
 */
function lines(text, paths) {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  const root = tree(text, yaml.parseEvents(text, { maxDepth: MAX_DEPTH }));
  return paths.map((path) => {
    let node = root;
    for (const name of path) node = node?.members?.get(name) ?? node;
    return node && node.start >= 0 ? lineAt(starts, node.start) : null;
  });
}

function lineAt(starts, offset) {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Members by their names, with the offset of each: of its key in a mapping, of itself in a list. */
function tree(text, events) {
  const top = { start: -1, members: new Map() };
  const open = [{ node: top, isList: true, key: null }];
  for (const event of events) {
    if (event.type === yaml.EVENT_ID.POP) open.pop();
    else if (event.type === yaml.EVENT_ID.DOCUMENT) open.push({ node: top, isList: true, key: null });
    else take(text, event, open);
  }
  return top.members.get('0') ?? null;
}

function take(text, event, open) {
  const parent = open.at(-1);
  const isScalar = event.type === yaml.EVENT_ID.SCALAR;
  const start = isScalar ? event.valueStart : (event.start ?? event.anchorStart);
  if (!parent.isList && parent.key === null) {
    parent.key = { name: isScalar ? yaml.getScalarValue(text, event) : '', start };
    if (isScalar) return;
  }
  const { name, start: from } = parent.isList ? { name: String(parent.node.members.size), start } : parent.key;
  const node = { start: from, members: new Map() };
  parent.node.members.set(name, node);
  parent.key = null;
  if (event.type === yaml.EVENT_ID.SEQUENCE) open.push({ node, isList: true, key: null });
  if (event.type === yaml.EVENT_ID.MAPPING) open.push({ node, isList: false, key: null });
}

function answer({ text, paths }) {
  try {
    return paths ? { lines: lines(text, paths) } : { documents: documents(text) };
  } catch (error) {
    if (error instanceof Refused) return { refused: { reason: error.message, line: null, column: null } };
    if (!(error instanceof yaml.YAMLException)) throw error;
    const { reason, mark } = error;
    return { refused: { reason, line: mark ? mark.line + 1 : null, column: mark ? mark.column + 1 : null } };
  }
}

parentPort.postMessage(answer(workerData));
