import { SharedServices } from '../services';

/** Before the tests of `torture`: PostgreSQL alone. */
export default SharedServices.startPostgres;
