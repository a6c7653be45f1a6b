import { ActionIcon, Badge, Group } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { Shortening } from '../lib/quick-fix';

interface ShortenedBadgeProps {
  shortening: Shortening;
  /** Which mapping it is, in words. */
  name: string;
  /** The field is to be taken whole. */
  onWhole(): void;
}

/** Says that a mapping takes the first characters of its field alone, and takes that back. */
export const ShortenedBadge = ({ shortening, name, onWhole }: ShortenedBadgeProps) => (
  <Group gap={4} wrap="nowrap">
    <Badge variant="default" tt="none">
      shortened to {shortening.length}
    </Badge>
    <ActionIcon
      variant="subtle"
      color="gray"
      size={24}
      aria-label={`Do not shorten ${name}`}
      title="Take the whole value"
      onClick={onWhole}
    >
      <IconX size={16} aria-hidden />
    </ActionIcon>
  </Group>
);
