import { filterMessage, type FilterContext, type FilteredMessage, type ResponseFilter } from './response-filter.js';

const NOTHING = new Uint8Array(0);

/** One message of an answer that comes in parts and is held until it is whole, within its filter's bound. */
export class HeldMessage {
  private readonly chunks: Uint8Array[] = [];
  private size = 0;

  constructor(private readonly filter: ResponseFilter) {}

  /** Holds a part. False: the message is larger than the bound, nothing of it is held any more, and the sender can be stopped. */
  take(chunk: Uint8Array): boolean {
    this.size += chunk.length;
    if (this.size > this.filter.maxBytes) this.chunks.length = 0;
    else this.chunks.push(chunk);
    return this.size <= this.filter.maxBytes;
  }

  /** Filters the whole message. `bytes` are its own, to pass on where it is unchanged; empty where it was too large. */
  end(context: FilterContext): { readonly outcome: FilteredMessage; readonly bytes: Uint8Array } {
    if (this.size > this.filter.maxBytes) return { outcome: { kind: 'denied', denial: this.filter.tooLarge }, bytes: NOTHING };
    const bytes = this.joined();
    return { outcome: filterMessage(this.filter, bytes, context), bytes };
  }

  private joined(): Uint8Array {
    const whole = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }
}
