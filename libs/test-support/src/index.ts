export type { TestDatabase } from './services.js';
export { testDatabase } from './services.js';
