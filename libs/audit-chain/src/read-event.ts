/** What the verifier reads of an event. Every other field is covered by the hash, whatever it says, so events of later minor versions verify too. */
export interface ReadEvent {
  readonly stream: string;
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  /** RFC 3339 in UTC with six decimals: comparable as text. */
  readonly time: string;
  readonly observedTime: string;
  readonly keyEpoch: number;
  readonly prevHash: string;
  /** 64 hexadecimal digits, computed from the line and the same as in it. */
  readonly hash: string;
  /** The bytes of `hash`: the event's leaf. */
  readonly leaf: Uint8Array;
  /** `checkpoint` of an `audit.checkpoint`. */
  readonly checkpoint?: { readonly size: number; readonly root: string };
  /** `key` of an `audit.key_announced`. */
  readonly announced?: { readonly keyEpoch: number; readonly note: string };
}
