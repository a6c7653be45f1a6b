import { ActionIcon } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGripVertical } from '@tabler/icons-react';
import { forwardRef } from 'react';
import type { DragHandleProps, ShiftActionsProps } from 'react-querybuilder';
import { useAnnounce } from '../../../components/announcer';

/** Moves a condition or a group by a click, for whom dragging is hard; by keys there is Alt with an arrow, so Tab passes them over. */
export function MoveButtons({
  shiftUp,
  shiftDown,
  shiftUpDisabled,
  shiftDownDisabled,
  ruleOrGroup,
}: ShiftActionsProps) {
  const announce = useAnnounce();
  const what = 'rules' in ruleOrGroup ? 'group' : 'condition';
  const moves = [
    { label: `Move the ${what} up`, said: 'Moved up.', Icon: IconArrowUp, move: shiftUp, isOff: shiftUpDisabled },
    {
      label: `Move the ${what} down`,
      said: 'Moved down.',
      Icon: IconArrowDown,
      move: shiftDown,
      isOff: shiftDownDisabled,
    },
  ];
  return (
    <div className="filter-moves">
      {moves.map(({ label, said, Icon, move, isOff = false }) => (
        <ActionIcon
          key={label}
          variant="subtle"
          color="gray"
          size={24}
          tabIndex={-1}
          aria-label={label}
          disabled={isOff}
          onClick={() => {
            move?.();
            announce(said);
          }}
        >
          <Icon size={16} aria-hidden />
        </ActionIcon>
      ))}
    </div>
  );
}

/** Where a condition or a group is taken hold of by the mouse. */
export const DragHandle = forwardRef<HTMLSpanElement, DragHandleProps>(({ title }, ref) => (
  <span ref={ref} className="filter-handle" title={title} aria-hidden>
    <IconGripVertical size={18} />
  </span>
));
DragHandle.displayName = 'DragHandle';
