import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect } from 'react';

/** Guess of a row's height; each is measured when it is shown. */
const ROW_PIXELS = 44;
const ROWS_AHEAD = 12;

/** A list that comes page by page, as TanStack Query gives it. */
interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage(): unknown;
}

/**
 * Of a table with however many rows, those that are in sight; more are asked for as one scrolls.
 * @param scroller the element that scrolls the table
 */
export function useRowsInSight(count: number, scroller: RefObject<HTMLElement | null>, pages: Pages) {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
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
    if (isNearEnd && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [isNearEnd, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    indexes: inSight.map(({ index }) => index),
    /** Pixels of the rows that are not in the page. */
    above: inSight[0]?.start ?? 0,
    below: rows.getTotalSize() - (last?.end ?? 0),
    /** The `ref` of a row, which has its index as `data-index`. */
    measure: rows.measureElement,
  };
}

/** Takes the place of rows that are not in sight. */
export const Filler = ({ pixels, columns }: { pixels: number; columns: number }) =>
  pixels <= 0 ? null : (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height: pixels, padding: 0 }} />
    </tr>
  );
