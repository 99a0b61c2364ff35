/** An event as it is stored and exported: its canonical text, with what has to be known of it without reading it. */
export interface StoredEvent {
  readonly stream: string;
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly outcome: string | null;
  /** RFC 3339 in UTC with six decimals. */
  readonly time: string;
  /** `integrity.hash`: 64 hexadecimal digits, and the event's leaf in the tree. */
  readonly hash: string;
  /** The event's own RFC 8785 text, one line. */
  readonly line: string;
}
