import { Table, type TableProps, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { counted } from '../lib/format';
import { ProblemAlert } from './problem-alert';

/** Guess of a row's height; each is measured when it is shown. */
const ROW_PIXELS = 44;
const ROWS_AHEAD = 12;

/** A list that comes page by page, as TanStack Query gives it. */
export interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  /** The next page was asked for, and has not come. */
  isFetchNextPageError: boolean;
  error: unknown;
  fetchNextPage(): unknown;
}

/** What the row of a record takes over, so that it can be measured and counted. */
export interface RowPlace {
  ref(element: HTMLElement | null): void;
  'data-index': number;
  'aria-rowindex': number;
}

/** A column, and the part of the width that it has: were widths those of what is in sight, each row that comes would change them. */
export interface Column {
  label: string;
  percent: number;
}

interface LongTableProps<Item> extends Pick<TableProps, 'miw' | 'verticalSpacing'> {
  label: string;
  columns: readonly Column[];
  records: readonly Item[];
  /** Where the records come from. */
  pages: Pages;
  /** Of the element that scrolls. */
  className: string | undefined;
  children(record: Item, place: RowPlace): ReactNode;
}

/** A table of records, however many: those in sight are in the page, and more are asked for as one scrolls. */
export function LongTable<Item extends { sourceId: string }>({
  label,
  columns,
  records,
  pages,
  className,
  children,
  ...look
}: LongTableProps<Item>) {
  const scroller = useRef<HTMLDivElement>(null);
  const { indexes, above, below, measure } = useRowsInSight(records.length, scroller, pages);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section ref={scroller} className={className} tabIndex={0} aria-label={label}>
        <Table stickyHeader layout="fixed" aria-rowcount={pages.hasNextPage ? -1 : records.length + 1} {...look}>
          <Table.Thead>
            <Table.Tr aria-rowindex={1}>
              {columns.map(({ label: name, percent }) => (
                <Table.Th scope="col" key={name} w={`${percent}%`}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Filler pixels={above} columns={columns.length} />
            {indexes.map((index) => {
              const record = records[index];
              const place = { ref: measure, 'data-index': index, 'aria-rowindex': index + 2 };
              return record && <Fragment key={record.sourceId}>{children(record, place)}</Fragment>;
            })}
            <Filler pixels={below} columns={columns.length} />
          </Table.Tbody>
        </Table>
      </section>
      <Text size="xs" c="dimmed" role="status">
        {pages.isFetchingNextPage
          ? 'Loading more records…'
          : `${counted(records.length, 'record')}${pages.hasNextPage ? ' loaded; scroll for more' : ''}`}
      </Text>
      {pages.isFetchNextPageError && (
        <ProblemAlert
          problem={pages.error}
          title="More records could not be loaded"
          onRetry={() => void pages.fetchNextPage()}
        />
      )}
    </>
  );
}

/** @param scroller the element that scrolls the table */
function useRowsInSight(count: number, scroller: RefObject<HTMLElement | null>, pages: Pages) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages;
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    overscan: ROWS_AHEAD,
  });
  const inSight = rows.getVirtualItems();
  const last = inSight.at(-1);
  const isNearEnd = (last?.index ?? 0) >= count - ROWS_AHEAD;
  useEffect(() => {
    // what has failed is asked for again when the person says so
    if (isNearEnd && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [isNearEnd, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  return {
    indexes: inSight.map(({ index }) => index),
    /** Pixels of the rows that are not in the page. */
    above: inSight[0]?.start ?? 0,
    below: rows.getTotalSize() - (last?.end ?? 0),
    measure: rows.measureElement,
  };
}

/** Takes the place of rows that are not in sight. */
const Filler = ({ pixels, columns }: { pixels: number; columns: number }) =>
  pixels <= 0 ? null : (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height: pixels, padding: 0 }} />
    </tr>
  );
