import { Fragment } from 'react';

/** Fits a line nearly everywhere. */
const SHORT_NAME = 16;

/** An e-mail before its @, and a long name in it after what joins its parts. */
const partsOf = (text: string): string[] =>
  text
    .split(/(?=@)/)
    .flatMap((part, index, { length }) =>
      index < length - 1 && part.length > SHORT_NAME ? part.split(/(?<=[._+-])/) : [part],
    );

/** A key or value of a record. Where it is too long for its line, an e-mail is broken where its parts meet, not within a word. */
export const Breakable = ({ text }: { text: string }) =>
  partsOf(text).map((part, index) => {
    // the parts have no identity of their own
    const key = `${index} ${part}`;
    return (
      <Fragment key={key}>
        {index > 0 && <wbr />}
        {part}
      </Fragment>
    );
  });
