import { Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface DetailSectionProps {
  /** Of the heading; links can lead there. */
  id: string;
  title: string;
  children: ReactNode;
}

/** A part of a sync's page, under its heading. */
export const DetailSection = ({ id, title, children }: DetailSectionProps) => (
  <section aria-labelledby={id}>
    <Stack gap="sm">
      <Title order={2} size="h3" id={id}>
        {title}
      </Title>
      {children}
    </Stack>
  </section>
);
