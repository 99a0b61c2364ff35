export { postgresFault } from './postgres-faults.js';
export type { PostgresOptions, RunningPostgres } from './start-postgres.js';
export { startPostgres } from './start-postgres.js';
