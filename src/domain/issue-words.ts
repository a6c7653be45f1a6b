import type { core } from 'zod';

const KINDS: Partial<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object, with members',
  record: 'an object, with members',
};

/** How the library words what it finds where a schema has no words of its own. */
const OF_THE_LIBRARY = /^(Invalid (input|option)|Too (small|big)):/;

/** What is wrong with a member, in words for people; those of the schema where it has some. */
export function issueInWords(issue: core.$ZodIssue): string {
  const { message } = issue;
  if (!OF_THE_LIBRARY.test(message)) return message;
  switch (issue.code) {
    case 'invalid_type':
      return message.endsWith('received undefined')
        ? 'It is missing.'
        : `It has to be ${KINDS[issue.expected] ?? issue.expected}.`;
    case 'invalid_value':
      return `It has to be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}.`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'It is empty.';
      return `It has to ${amount(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}.`;
    case 'too_big':
      return `It has to ${amount(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}.`;
    default:
      return message;
  }
}

function amount(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${limit} characters`;
  if (origin === 'array') return `have ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}`;
  return `be ${bound} ${limit}`;
}
