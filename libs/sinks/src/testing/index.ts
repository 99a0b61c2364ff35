export type { OpenedDeliveryStore } from './delivery-store.contract.js';
export { deliveryStoreContract } from './delivery-store.contract.js';
export { MemoryDeliveryStore } from './memory-delivery-store.js';
export { MemoryEventSource } from './memory-event-source.js';
