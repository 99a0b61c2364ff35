/**
 * Marks what one process of a deployment says to another over a broker, so that it is told from what somebody else wrote there.
 * Every holder of the root key can make and check a mark, and nobody else. Total: nothing that is passed in makes it throw.
 */
export interface RecordMac {
  /** HMAC-SHA-256 over exactly these bytes, 32 bytes. */
  tag(bytes: Uint8Array): Uint8Array;
  /** Whether the tag is that of exactly these bytes, in a time that says nothing of how much of it is right; false for one of another length. */
  verify(bytes: Uint8Array, tag: Uint8Array): boolean;
}
