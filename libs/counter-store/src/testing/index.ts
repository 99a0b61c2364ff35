export type { CounterStoreHarness } from './counter-store.contract.js';
export { counterStoreContract } from './counter-store.contract.js';
