export type { AdminClientOptions } from './admin-client.js';
export { AdminClient } from './admin-client.js';
export { adminFault } from './admin-faults.js';
export * from './generated.js';
