export { servicesFault } from './services-faults.js';
