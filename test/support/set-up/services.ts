import { SharedServices } from '../services';

/** Before the tests of `integration`: one PostgreSQL and one Temporal server for all of them. */
export default SharedServices.start;
