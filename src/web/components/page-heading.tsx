import { Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';

/** The first page is opened by the browser, which has put the focus at its start. */
let isFirstPage = true;

interface PageHeadingProps {
  children: ReactNode;
  /** For the title of the window, where the heading is no text or should say more. */
  title?: string;
}

/** The heading of a page: it names the window, and takes the focus when the page is opened from another one. */
export function PageHeading({ children, title }: PageHeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus();
    isFirstPage = false;
  }, []);
  const name = title ?? (typeof children === 'string' ? children : undefined);
  return (
    <>
      {name !== undefined && <title>{`${name} · Sync`}</title>}
      <Title order={1} size="h2" ref={heading} tabIndex={-1}>
        {children}
      </Title>
    </>
  );
}
