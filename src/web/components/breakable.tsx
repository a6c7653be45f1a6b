import { Fragment } from 'react';

/** Before the @ of an e-mail, and after what joins the parts of its name. */
const SEAMS = /(?=@)|(?<=[._+-])(?=[^\s@]{1,64}@)/;

/** A key or value of a record. Where it is too long for its line, an e-mail is broken where its parts meet, not within a word. */
export const Breakable = ({ text }: { text: string }) =>
  text.split(SEAMS).map((part, index) => {
    // the parts have no identity of their own
    const key = `${index} ${part}`;
    return (
      <Fragment key={key}>
        {index > 0 && <wbr />}
        {part}
      </Fragment>
    );
  });
