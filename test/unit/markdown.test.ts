import { markdownOf } from '../../src/web/lib/markdown';

const plain = (text: string) => ({ kind: 'plain', text });

test('a description has paragraphs, headings and lists', () => {
  expect(markdownOf('# Why\nFirst line\nsecond line\n\n- one\n- two\n1. first')).toEqual([
    { kind: 'heading', lines: [[plain('Why')]] },
    { kind: 'paragraph', lines: [[plain('First line')], [plain('second line')]] },
    { kind: 'list', lines: [[plain('one')], [plain('two')]] },
    { kind: 'numbers', lines: [[plain('first')]] },
  ]);
});

test('bold, italic, code and links are set off; a bare address is a link without the full stop behind it', () => {
  const [block] = markdownOf(
    'Ask **Ann** or *Bob*, see `email_old` in [the plan](https://example.com/a) or https://example.com/b.',
  );

  expect(block?.lines[0]).toEqual([
    plain('Ask '),
    { kind: 'strong', text: 'Ann' },
    plain(' or '),
    { kind: 'emphasis', text: 'Bob' },
    plain(', see '),
    { kind: 'code', text: 'email_old' },
    plain(' in '),
    { kind: 'link', text: 'the plan', href: 'https://example.com/a' },
    plain(' or '),
    { kind: 'link', text: 'https://example.com/b', href: 'https://example.com/b' },
    plain('.'),
  ]);
});

test.each(['[run me](javascript:alert(1))', '<b>no tags</b>', 'first_name and last_name', '2 * 3 * 4', ''])(
  'what is none of that stays text: %s',
  (text) => {
    expect(markdownOf(text).flatMap(({ lines }) => lines.flat())).toEqual(text === '' ? [] : [plain(text)]);
  },
);
