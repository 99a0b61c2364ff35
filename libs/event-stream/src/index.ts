export type { Covered } from './control/relay-rounds.js';
export { STAMP_MS } from './control/relay-rounds.js';
export type { RelayParts } from './control/relay.js';
export { Relay } from './control/relay.js';
export { relayFault } from './control/relay-faults.js';
export { keyAnnouncements, signedPublications } from './control/signed-publications.js';
export type { SnapshotterParts } from './control/snapshotter.js';
export { Snapshotter } from './control/snapshotter.js';
