import type { DefinitionsPlan } from '../api/schemas/definitions';
import { printable } from './print';

const SIGNS = { create: '+', change: '~', unchanged: '=' } as const;

type Item = Pick<DefinitionsPlan['syncs'][number], 'name' | 'action' | 'changes'>;

/** What is created and changed, as people read it. */
export function planText({ counts, connections, syncs }: DefinitionsPlan): string {
  const lines = [
    ...connections.flatMap((item) => itemLines('connection', item)),
    ...syncs.flatMap((item) => itemLines('sync', item)),
    `create ${counts.create}, change ${counts.change}, unchanged ${counts.unchanged}`,
  ];
  return lines.map(printable).join('\n');
}

function itemLines(what: string, { name, action, changes }: Item): string[] {
  if (action === 'unchanged') return [];
  return [
    `${SIGNS[action]} ${what} ${name}`,
    ...changes.map(({ path, isSecret, before, after }) =>
      isSecret ? `    ${path}: another secret` : `    ${path}: ${shown(before)} → ${shown(after)}`,
    ),
  ];
}

const MOST_LETTERS = 200;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}
