export { execution } from './execution';
export { undo } from './follow-ups';
export { preview } from './preview';
export { sync } from './sync';
