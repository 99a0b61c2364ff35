export type { CounterAsk, CounterSeed, CounterStore, Reservation } from './counter-store.js';
export { counterFault } from './counter-store-faults.js';
export type { MemoryCounterStoreOptions } from './memory-counter-store.js';
export { MemoryCounterStore } from './memory-counter-store.js';
