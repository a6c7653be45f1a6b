import { z } from 'zod';
import { issueInWords } from '../../src/domain/issue-words';

test.each<[z.ZodType, unknown, string]>([
  [z.string(), undefined, 'It is missing.'],
  [z.string(), 7, 'It has to be a text.'],
  [z.int(), 1.5, 'It has to be a whole number.'],
  [z.array(z.string()), 'x', 'It has to be a list.'],
  [z.strictObject({}), 'x', 'It has to be an object, with members.'],
  [z.enum(['now', 'once']), 'later', 'It has to be one of now, once.'],
  [z.literal('now'), 'later', 'It has to be now.'],
  [z.int().min(1), 0, 'It has to be at least 1.'],
  [z.number().lt(100), 100, 'It has to be less than 100.'],
  [z.string().min(1), '', 'It is empty.'],
  [z.string().max(3), 'four', 'It has to have at most 3 characters.'],
  [z.array(z.int()).max(1), [1, 2], 'It has to have at most 1 item.'],
  [z.string().min(1, 'Give it a name.'), '', 'Give it a name.'],
])('%# what is wrong is told in words for people', (schema, value, words) => {
  const { error } = schema.safeParse(value);

  expect(error?.issues.map(issueInWords)).toEqual([words]);
});
