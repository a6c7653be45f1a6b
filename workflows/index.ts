export { execution } from './execution';
export { preview } from './preview';
export { sync } from './sync';
