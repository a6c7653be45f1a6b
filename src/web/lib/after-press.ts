import { flushSync } from 'react-dom';

const PRIMARY_BUTTON = 0;

let isPressed = false;
let waiting: (() => void)[] = [];

function release(): void {
  isPressed = false;
  const held = waiting;
  waiting = [];
  // what is clicked finds it done
  if (held.length === 0) return;
  flushSync(() => {
    for (const work of held) work();
  });
}

function follow(page: Window): void {
  const press = ({ button, target }: MouseEvent) => {
    // a list of the browser's own swallows the end of the press that opens it
    const opensList = target instanceof Element && target.closest('select') !== null;
    isPressed = button === PRIMARY_BUTTON && !opensList;
  };
  page.addEventListener('mousedown', press, true);
  page.addEventListener('mouseup', release, true);
  // nor does every press end with the button: it may become a drag, before which all has its place, or end outside the window
  page.addEventListener('dragstart', release, true);
  page.addEventListener('mousemove', ({ buttons }) => isPressed && buttons === 0 && release(), true);
}

if (typeof window !== 'undefined') follow(window);

/**
 * Does what follows from leaving a field. A press on something else leaves the field before the click is done: what would move that thing
 * away from under the pointer waits until the button is up, and then comes before the click.
 */
export function afterPress(work: () => void): void {
  if (isPressed) waiting.push(work);
  else work();
}
