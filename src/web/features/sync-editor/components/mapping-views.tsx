import { Group, SegmentedControl, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { formatNumber } from '../../../lib/format';
import { GRID_VIEWS, type GridView } from '../lib/visible-rows';
import classes from './mapping-views.module.css';

const WORDS: Record<GridView, string> = {
  all: 'All',
  mapped: 'Mapped',
  unmapped: 'Unmapped fields',
  problems: 'Problems',
};

interface MappingViewsProps {
  view: GridView;
  onView(view: GridView): void;
  search: string;
  onSearch(search: string): void;
  counts: Record<GridView, number>;
}

/** Which mappings the grid shows. */
export function MappingViews({ view, onView, search, onSearch, counts }: MappingViewsProps) {
  return (
    <Group gap="sm" role="search" aria-label="Mappings">
      <SegmentedControl
        size="xs"
        classNames={{ root: classes.views, control: classes.view, label: classes.name }}
        aria-label="Mappings that are shown"
        value={view}
        onChange={(value) => onView(GRID_VIEWS.find((known) => known === value) ?? 'all')}
        data={GRID_VIEWS.map((value) => ({ value, label: `${WORDS[value]} ${formatNumber(counts[value])}` }))}
      />
      <TextInput
        size="xs"
        aria-label="Search the mappings"
        placeholder="Search both sides"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={({ currentTarget: { value } }) => onSearch(value)}
      />
    </Group>
  );
}
