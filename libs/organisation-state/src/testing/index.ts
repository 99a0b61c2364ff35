export { anyHistory, HISTORY_OF } from './any-history.js';
