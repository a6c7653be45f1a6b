import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './kept-room.module.css';

interface KeptRoomProps {
  /** Lines of small text that it has room for, and in a narrow window. */
  lines: number;
  narrowLines: number;
  children: ReactNode;
}

/** What comes a moment later, or after a choice, finds its room kept: nothing below it moves. */
export const KeptRoom = ({ lines, narrowLines, children }: KeptRoomProps) => (
  <Box className={classes.room} style={{ '--lines': lines, '--narrow-lines': narrowLines }}>
    {children}
  </Box>
);
