export { execution } from './execution';
export { sync } from './sync';
