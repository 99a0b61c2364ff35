/** Signs what the control plane publishes. Holds the one private key of this process. */
export interface RecordSigner {
  /** Names the key to verifiers; part of what is signed. */
  readonly keyId: string;
  /** The public half, 32 bytes, for announcements. */
  readonly publicKey: Uint8Array;
  /** The signature over exactly these bytes, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Tells what the control plane signed from what somebody else wrote. Total: nothing that is passed in makes it throw. */
export interface RecordVerifier {
  /** Whether the key is trusted. */
  knows(keyId: string): boolean;
  /** Whether a trusted key of this id signed exactly these bytes; false for an unknown key and for a signature of any other form. */
  verify(keyId: string, bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** The keys a worker trusts: those of its own configuration, and those announced since by records that a trusted key signed. */
export interface TrustedKeys extends RecordVerifier {
  /**
   * Trusts one more key. The caller has verified the announcement's signature against these keys.
   *
   * @returns false when the id is not this key's, or the key is none; nothing changed.
   */
  admit(keyId: string, publicKey: Uint8Array): boolean;
}
