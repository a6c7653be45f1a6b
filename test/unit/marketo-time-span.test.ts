import { overlap, spanOf, windowsOf } from '../../src/connectors/marketo/time-span';
import type { Condition } from '../../src/domain/definition';
import { compileFilter } from '../../src/domain/filter';
import type { ObjectDescription } from '../../src/domain/object-description';
import fc from '../support/fast-check';

const DAY_MS = 86_400_000;
const at = (text: string) => Date.parse(text);

describe('windows of an export', () => {
  const instant = fc.integer({ min: at('2006-01-01'), max: at('2030-01-01') });

  test('cover every second of the span, each with its neighbour at the border, and none is too long', () => {
    fc.assert(
      fc.property(instant, instant, (one, other) => {
        const [fromMs, toMs] = one < other ? [one, other] : [other, one];

        const windows = windowsOf(fromMs, toMs).map(({ startAt, endAt }) => [at(startAt), at(endAt)] as const);

        expect(windows[0]?.[0]).toBeLessThanOrEqual(fromMs);
        expect(windows.at(-1)?.[1]).toBeGreaterThanOrEqual(toMs);
        windows.forEach(([start, end], index) => {
          expect(end - start).toBeLessThan(31 * DAY_MS);
          if (index > 0) expect(start).toBe(windows[index - 1]?.[1]);
        });
        expect(windows.length).toBeLessThanOrEqual(Math.ceil((toMs - fromMs) / (30.9 * DAY_MS)) + 1);
      }),
    );
  });

  test('are written in seconds, as Marketo takes them', () => {
    expect(windowsOf(at('2026-08-01T00:00:00.500Z'), at('2026-08-02T00:00:00.001Z'))).toEqual([
      { startAt: '2026-08-01T00:00:00Z', endAt: '2026-08-02T00:00:01Z' },
    ]);
  });

  test('are none for a span that ends before it begins', () => {
    expect(windowsOf(at('2026-08-02'), at('2026-08-01'))).toEqual([]);
  });
});

describe('the span of a condition', () => {
  const zone = { asOf: '2026-08-15T12:00:00.000Z', timeZone: 'Asia/Kolkata' };
  const createdAt = (operator: Condition['operator'], value?: Condition['value']): Condition => ({
    column: 'createdAt',
    operator,
    ...(value === undefined ? {} : { value }),
  });

  test('a day is that day in the zone of the sync', () => {
    expect(spanOf(createdAt('equals', '2026-03-01'), zone)).toEqual({
      fromMs: at('2026-02-28T18:30:00Z'),
      toMs: at('2026-03-01T18:30:00Z') - 1,
    });
  });

  test('holds every moment for which the condition is true', () => {
    const object = {
      fields: [{ name: 'createdAt', type: 'datetime' }],
    } as ObjectDescription; // what the filter needs of it
    const moment = fc.integer({ min: at('2026-06-01'), max: at('2026-10-01') }).map((ms) => new Date(ms).toISOString());
    const day = moment.map((text) => text.slice(0, 10));
    const value = fc.oneof(moment, day);
    const condition = fc.oneof(
      fc.tuple(fc.constantFrom('equals', 'lessThan', 'lessOrEqual', 'greaterThan', 'greaterOrEqual'), value),
      fc.tuple(fc.constantFrom('in'), fc.array(value, { minLength: 1, maxLength: 3 })),
      fc.tuple(
        fc.constantFrom('between'),
        fc.tuple(value, value).map((pair) => [...pair]),
      ),
      fc.tuple(
        fc.constantFrom('inLast', 'inNext'),
        fc.record({ amount: fc.integer({ min: 1, max: 40 }), unit: fc.constantFrom('minute', 'hour', 'day', 'week') }),
      ),
    ) as fc.Arbitrary<[Condition['operator'], Condition['value']]>;
    fc.assert(
      fc.property(condition, moment, fc.boolean(), ([operator, given], text, isEdge) => {
        const one = createdAt(operator, given);
        const span = spanOf(one, zone);
        const edge = span.fromMs ?? span.toMs ?? 0;
        const value = isEdge ? new Date(edge).toISOString() : text;

        const holds = compileFilter(one, object, zone)({ createdAt: value });

        if (holds && span.fromMs !== null) expect(at(value)).toBeGreaterThanOrEqual(span.fromMs);
        if (holds && span.toMs !== null) expect(at(value)).toBeLessThanOrEqual(span.toMs);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([createdAt('notEquals', '2026-03-01'), createdAt('isNotEmpty'), createdAt('notIn', ['2026-03-01'])])(
    '%j bounds nothing',
    (one) => {
      expect(spanOf(one, zone)).toEqual({ fromMs: null, toMs: null });
    },
  );

  test('several conditions hold where their spans overlap', () => {
    expect(
      overlap([
        { fromMs: 1, toMs: null },
        { fromMs: 3, toMs: 9 },
        { fromMs: null, toMs: 7 },
      ]),
    ).toEqual({
      fromMs: 3,
      toMs: 7,
    });
  });
});
