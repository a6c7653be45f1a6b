import { CODE_RULES, type CodeRule, STATUS_RULES } from '../../src/connectors/marketo/errors';
import { ERROR_RULES, type ErrorRule, STATUS_TEXTS } from '../../src/connectors/salesforce/errors';

/** What Marketo's codes mean, by the code, as the document tells it: the classification itself has no need of that. */
export type Meanings = ReadonlyMap<string, string>;

const HEAD = '| code | it means | class | Sync | people are told |\n| --- | --- | --- | --- | --- |';
const row = (...cells: string[]): string => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
const NEEDS_PERSON = 'needs attention, keeps everything';
const RETRY_SOON = 'tries again with growing waits';
const SLEEPS = 'sleeps until the next try, for all syncs of the instance';

const RECORDS: Record<CodeRule['record'] | ErrorRule['record'], string> = {
  failed: 'the record fails',
  again: 'sends the record again',
  exists: 'the record is there already',
  gone: 'the record is gone',
  ambiguous: 'the record fails as ambiguous',
};

function marketoRow(code: string, { call, record, maybeWritten, says }: CodeRule, meanings: Meanings): string {
  const seconds = typeof call === 'object' ? `${call.afterMs / 1_000} s` : '';
  const [what, does] = {
    soon: ['retry soon', RETRY_SOON],
    never: ['never', NEEDS_PERSON],
    quota: ['retry after', SLEEPS],
    after: ['retry after', `waits ${seconds}`],
  }[typeof call === 'object' ? 'after' : call] as [string, string];
  const write = maybeWritten ? '; asks first whether a write was made' : '';
  return row(code, meanings.get(code) ?? '', what, `${does}${write}. Of a record: ${RECORDS[record]}`, says);
}

/** The first sentence of a text says what happened, the others what to do. */
function salesforceRow(
  code: string,
  call: ErrorRule['call'],
  says: string,
  record: ErrorRule['record'] | null,
): string {
  const [, means = says, person = ''] = /^(.*?\.)(?: (.*))?$/s.exec(says) ?? [];
  const [what, does] = {
    soon: ['retry soon', RETRY_SOON],
    never: ['never', NEEDS_PERSON],
    quota: ['retry after', SLEEPS],
    pause: ['retry after', 'waits as long as it was told, or some seconds'],
  }[call] as [string, string];
  return row(code, means, what, record ? `${does}. Of a record: ${RECORDS[record]}` : does, person || 'nothing');
}

/** The part of docs/errors.md that follows from the classification. */
export function classifiedErrors(meanings: Meanings): string {
  const marketo = Object.entries(CODE_RULES).map(([code, rule]) => marketoRow(code, rule, meanings));
  const statuses = Object.entries(STATUS_RULES).map(([status, rule]) => marketoRow(`HTTP ${status}`, rule, meanings));
  const salesforce = Object.entries(ERROR_RULES).map(([code, { call, says, record }]) =>
    salesforceRow(code, call, says, record),
  );
  const plain = Object.entries(STATUS_TEXTS).map(([status, [call, says]]) =>
    salesforceRow(`HTTP ${status}`, call, says, null),
  );
  return [
    '## Marketo: codes',
    [HEAD, ...marketo].join('\n'),
    '## Marketo: statuses',
    [HEAD, ...statuses].join('\n'),
    '## Salesforce: codes',
    [HEAD, ...salesforce].join('\n'),
    '## Salesforce: statuses',
    [HEAD, ...plain].join('\n'),
  ].join('\n\n');
}
