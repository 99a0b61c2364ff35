export type { OpenedDataSource } from './open-data-source.js';
export { openDataSource } from './open-data-source.js';
