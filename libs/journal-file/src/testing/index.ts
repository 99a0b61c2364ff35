export type { FileOperation } from './failing-files.js';
export { FailingFiles } from './failing-files.js';
export { JournalPlace } from './journal-place.js';
