export { execution } from './execution';
export { retry, undo } from './follow-ups';
export { preview } from './preview';
export { sync } from './sync';
export { webhook } from './webhook';
