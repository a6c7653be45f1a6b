import { SharedServices } from '../services';

export default SharedServices.stop;
