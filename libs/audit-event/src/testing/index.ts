export type { ChainWish } from './a-chain.js';
export { aChain } from './a-chain.js';
export { AN_ORGANISATION, aFact, eventIdOf } from './a-fact.js';
export { arbitraryAuditEvent, arbitraryAuditFact, arbitraryStoredEvent, arbitraryText, HOSTILE_TEXTS } from './arbitrary-event.js';
export { nodeSha256 } from './node-sha256.js';
