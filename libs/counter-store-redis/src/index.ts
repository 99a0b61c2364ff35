export type { CounterSeederOptions, OrganisationSpent, SpentSource } from './counter-seeder.js';
export { CounterSeeder } from './counter-seeder.js';
export type { RedisConnectionOptions } from './redis-connection.js';
export { RedisConnection } from './redis-connection.js';
export type { RedisCounterStoreOptions } from './redis-counter-store.js';
export { RedisCounterStore } from './redis-counter-store.js';
export type { RedisMarkStoreOptions } from './redis-mark-store.js';
export { RedisMarkStore } from './redis-mark-store.js';
