import { keyForms, keyProblem, keyText, matchKey } from '../../src/domain/match-key';
import type { FieldType, Value } from '../../src/domain/object-description';
import { salesforceId18 } from '../../src/domain/salesforce-id';
import { sortKey } from '../../src/domain/source-order';
import fc from '../support/fast-check';

const key = (value: Value, type: FieldType, caseSensitive = false) => matchKey(value, { type, caseSensitive });

describe('matchKey', () => {
  test.each([
    ['Mia.Holt@Example.com', 'mia.holt@example.com'],
    [' mia.holt@example.com ', 'mia.holt@example.com'],
    ['MIA.HOLT@EXAMPLE.COM\u00a0', 'mia.holt@example.com'],
    ['mia.\u0000holt@example.com\u0000', 'mia.holt@example.com'],
    ['\u2003\u3000\u0085mia.holt@example.com\t\r\n', 'mia.holt@example.com'],
    ['mia.holt+spring@example.com', 'mia.holt+spring@example.com'],
    ['miaholt@example.com', 'miaholt@example.com'],
  ])('the e-mail %j has the key %j', (value, expected) => {
    expect(key(value, 'email')).toBe(expected);
  });

  test.each([null, '', '   ', '\u0000', '\u00a0', '\t\u2003\n'])('the blank %j is no key', (value) => {
    for (const type of ['email', 'text', 'id', 'number', 'integer'] as const) expect(key(value, type)).toBeNull();
  });

  test('letters that are composed differently give one key', () => {
    expect(key('Zoe\u0308', 'text')).toBe(key('Zo\u00eb', 'text'));
  });

  test('when capitals count in the destination field, they count in the key', () => {
    expect(key(' aB ', 'text', true)).toBe('aB');
    expect(key('aB', 'text')).toBe('ab');
  });

  test.each([
    ['0035g00000AbCdE', '0035g00000AbCdEAAV'],
    ['0035g00000AbCdEAAV', '0035g00000AbCdEAAV'],
    ['0035g00000AbCdEaav', '0035g00000AbCdEAAV'],
    ['0035g00000AbCdEAAA', '0035g00000AbCdEAAA'],
  ])('the Id %s has the key %s', (value, expected) => {
    expect(key(value, 'id')).toBe(expected);
    expect(key(value, 'reference')).toBe(expected);
  });

  test.each([
    [12, '12'],
    ['12', '12'],
    ['012.50', '12.5'],
    ['1.2E1', '12'],
    ['-0', '0'],
    ['9007199254740993', '9007199254740993'],
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
  ])('the number %j has the key %s', (value, expected) => {
    expect(key(value, 'number')).toBe(expected);
    expect(key(value, 'integer')).toBe(expected);
  });

  test('a number as key of a text field is its plain digits', () => {
    expect(key(4711, 'text')).toBe('4711');
    expect(key('00501', 'text')).toBe('00501');
  });

  test('a key of a key is the same key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('text', 'email', 'id', 'number'), (text, type) => {
        const once = key(text, type as FieldType);
        expect(key(once, type as FieldType)).toBe(once);
      }),
    );
  });

  test('blanks around a text and the case of its letters never change its key', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii' }),
        fc.constantFrom(' ', '\u00a0', '\t', '\u3000'),
        (text, blank) => {
          expect(key(`${blank}${text.toUpperCase()}${blank}`, 'text')).toBe(key(text, 'text'));
        },
      ),
    );
  });
});

describe('keyProblem', () => {
  test.each([
    ['0035g00000AbCdEAAA', 'id', 'notAnId'],
    ['0035g00000AbCd', 'reference', 'notAnId'],
    ['twelve', 'number', 'notANumber'],
  ] as const)('%s can be no key of type %s', (value, type, code) => {
    expect(keyProblem(value, { type, caseSensitive: false, length: 18 })).toMatchObject({ code });
  });

  test.each([
    ['0035g00000AbCdE', 'id'],
    ['12.0', 'integer'],
    ['twelve', 'text'],
    [null, 'id'],
  ] as const)('%s has no problem as a key of type %s', (value, type) => {
    expect(keyProblem(value, { type, caseSensitive: false, length: 18 })).toBeNull();
  });

  test.each([1005, 'dff23271-f996-47d7-984f-f2676861b6fa'])('%s may be an Id of Marketo', (value) => {
    expect(keyProblem(value, { type: 'id', caseSensitive: false, length: null })).toBeNull();
  });
});

describe('salesforceId18', () => {
  test.each([
    ['0012A00001abcDE', '0012A00001abcDEQAY'],
    ['0012A00001abcDEQAY', '0012A00001abcDEQAY'],
    ['0012A00001abcDEqay', '0012A00001abcDEQAY'],
    ['0012A00001abcDEQAZ', null],
    ['0012A00001abcD', null],
    ['0012A00001abcDEQA', null],
    ['0012A00001abc-E', null],
    ['', null],
  ])('of %j is %j', (id, expected) => {
    expect(salesforceId18(id)).toBe(expected);
  });
});

describe('sortKey', () => {
  test('Ids of Marketo sort as numbers', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (one, other) => {
        const [a, b] = [sortKey('number', String(one)), sortKey('number', String(other))];
        expect(a).toHaveLength(20);
        expect(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))).toBe(Math.sign(one - other));
      }),
    );
  });

  test('Ids of Salesforce stay as they are, since their order is that of their bytes', () => {
    expect(sortKey('bytes', '003xx000004TmiQAAS')).toBe('003xx000004TmiQAAS');
  });

  test('an Id that should be a number and is none stays apart from all numbers', () => {
    expect(sortKey('number', 'dff23271-f996-47d7')).toBe('dff23271-f996-47d7');
  });
});

describe('keyForms', () => {
  const forms = (text: Value, type: FieldType = 'text') => keyForms(key(text, type) ?? '', text, { type });

  test.each([
    ['an accent of its own', 'Zoe\u0301', ['zo\u00e9', 'Zoe\u0301']],
    ['a no-break space behind it', 'Zoe\u00a0', ['zoe', 'Zoe\u00a0']],
    ['a capital that becomes two letters', '\u0130', ['i\u0307', '\u0130']],
    ['one letter with its accent', 'ZO\u00c9', ['zo\u00e9', 'ZOE\u0301']],
    ['both', 'Zoe\u0301\u00a0', ['zo\u00e9', 'Zoe\u0301\u00a0', 'Zoe\u0301']],
  ])(
    'a text with %s is looked up as it is and as others may have written it, besides its key',
    (_name, text, expected) => {
      expect(forms(text)).toEqual(expected);
    },
  );

  test.each(['zoe', 'Zoe', ' Zoe\t'])(
    '%j is looked up by its key alone, as systems do not tell capitals and plain blanks',
    (text) => {
      expect(forms(text)).toHaveLength(1);
    },
  );

  test('what is written to the match field is looked up, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'e\u0301\u00e9 \u00a0\u3000\u0130I\u0307z') }), (text) => {
        const written = keyText(text);
        const lookedUp = forms(text).map((form) => form.toLowerCase());
        for (const form of [written, written.normalize('NFD')])
          if (form !== '') expect(lookedUp).toContain(form.toLowerCase());
      }),
    );
  });

  test('Ids and numbers, and what is not known otherwise, are looked up by their keys', () => {
    expect(forms('003000000000001', 'id')).toHaveLength(1);
    expect(forms('1.50', 'number')).toEqual(['1.5']);
    expect(keyForms('zoe', undefined, { type: 'text' })).toEqual(['zoe']);
  });
});
