import { Fragment } from 'react';
import { OutsideLink } from './links';

interface NamedRecordsProps {
  text: string;
  /** Records that the text names by their Ids, in the order in which it does; `link` null where no page is known. */
  records: readonly { id: string; link: string | null }[];
}

/** A text in which the Ids of records lead to their pages. */
export function NamedRecords({ text, records }: NamedRecordsProps) {
  const parts: { before: string; id: string; link: string | null }[] = [];
  let from = 0;
  for (const { id, link } of records) {
    const at = text.indexOf(id, from);
    if (at < 0) continue;
    parts.push({ before: text.slice(from, at), id, link });
    from = at + id.length;
  }
  return (
    <>
      {parts.map(({ before, id, link }) => (
        <Fragment key={id}>
          {before}
          {link === null ? id : <OutsideLink href={link}>{id}</OutsideLink>}
        </Fragment>
      ))}
      {text.slice(from)}
    </>
  );
}
