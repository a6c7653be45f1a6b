/** A member that differs: its path, and its value on each side that has it. */
export interface MemberChange {
  path: string;
  before?: unknown;
  after?: unknown;
}

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What differs between two values of JSON, member by member. Lists are told as a whole, but for one whose items are all called by a `to` of
 * their own (mappings): of that, item by item (`mappings[Email]`), and its order last. A member that is undefined is not there.
 */
export function memberChanges(before: unknown, after: unknown, path = ''): MemberChange[] {
  if (isMembers(before) && isMembers(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => memberChanges(before[name], after[name], path === '' ? name : `${path}.${name}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(before, after, path);
  return before === after ? [] : [change(path, before, after)];
}

const change = (path: string, before: unknown, after: unknown): MemberChange => ({
  path,
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
});

const isSame = (before: unknown, after: unknown): boolean => memberChanges(before, after).length === 0;

function listChanges(before: readonly unknown[], after: readonly unknown[], path: string): MemberChange[] {
  const [old, present] = [namedItems(before), namedItems(after)];
  if (!old || !present) {
    const areSame = before.length === after.length && before.every((item, at) => isSame(item, after[at]));
    return areSame ? [] : [change(path, before, after)];
  }
  const names = [...new Set([...present.keys(), ...old.keys()])];
  const changes = names.flatMap((name) => memberChanges(old.get(name), present.get(name), `${path}[${name}]`));
  const [oldOrder, order] = [[...old.keys()], [...present.keys()]];
  if (changes.length > 0 || oldOrder.every((name, at) => name === order[at])) return changes;
  return [change(path, oldOrder, order)];
}

/** Items by what they are called; null where one has no name, or two have the same. */
function namedItems(items: readonly unknown[]): ReadonlyMap<string, unknown> | null {
  const named = new Map<string, unknown>();
  for (const item of items) {
    if (!isMembers(item) || typeof item.to !== 'string') return null;
    named.set(item.to, item);
  }
  return named.size === items.length ? named : null;
}
