export { aConcurrentAsk, aFixedAsk, aSlidingAsk, decimal } from './an-ask.js';
export { counterModelContract } from './counter-model.contract.js';
export type { CounterStoreHarness } from './counter-store.contract.js';
export { markStoreContract } from './mark-store.contract.js';
export { counterStoreContract } from './counter-store.contract.js';
