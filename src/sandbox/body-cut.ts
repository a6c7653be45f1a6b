import type { CutPlace } from './faults';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/**
 * The first part of a body, about half of it.
 * @param at `letter`: in the middle of a character of several bytes, where the body has one; `row`: after a whole row;
 *   `insideRow`: within a row; `quotedField`: between the quotes of a field. Where there is no such place, at the half.
 */
export function cutBody(body: Buffer, at: CutPlace): Buffer {
  const half = Math.floor(body.length / 2);
  return body.subarray(0, cutPosition(body, at, half));
}

function cutPosition(body: Buffer, at: CutPlace, half: number): number {
  switch (at) {
    case 'letter': {
      const position = nearest(body, half, (index) => ((body[index] ?? 0) & 0b1100_0000) === 0b1000_0000);
      return position ?? half;
    }
    case 'row': {
      const position = nearest(body, half, (index) => body[index - 1] === LINE_FEED);
      return position ?? half;
    }
    case 'insideRow':
      return nearest(body, half, (index) => body[index - 1] !== LINE_FEED && body[index] !== LINE_FEED) ?? half;
    case 'quotedField':
      return quotedPosition(body, half) ?? half;
  }
}

/** The place that satisfies the condition, searched from the middle outwards; never the very beginning or end. */
function nearest(body: Buffer, middle: number, isRight: (index: number) => boolean): number | undefined {
  for (let distance = 0; distance < body.length; distance += 1) {
    for (const index of [middle + distance, middle - distance])
      if (index > 0 && index < body.length && isRight(index)) return index;
  }
  return undefined;
}

function quotedPosition(body: Buffer, half: number): number | undefined {
  let isQuoted = false;
  let lastInside: number | undefined;
  for (let index = 0; index < body.length; index += 1) {
    if (body[index] === QUOTE) isQuoted = !isQuoted;
    else if (isQuoted) {
      lastInside = index;
      if (index >= half) return index;
    }
  }
  return lastInside;
}
