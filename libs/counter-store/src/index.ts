export { askAt } from './ask-at.js';
export type { CounterName, StoredCharge } from './counter-key.js';
export { counterKey, organisationOfKey, seedOfCharge } from './counter-key.js';
export type { CounterAlgorithm, CounterAsk, CounterSeed, CounterStore, Reservation } from './counter-store.js';
export { COUNTER_ALGORITHMS } from './counter-store.js';
export { counterFault } from './counter-store-faults.js';
export type { MemoryCounterStoreOptions } from './memory-counter-store.js';
export { MemoryCounterStore } from './memory-counter-store.js';
