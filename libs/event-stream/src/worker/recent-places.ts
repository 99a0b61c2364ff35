import { createHash } from 'node:crypto';

const REMEMBERED = 10_000;
const DIGEST_BYTES = 6;

/** What stood at the newest places of the stream, so that another history under the same numbers is noticed. */
export class RecentPlaces {
  private readonly digests = new Map<number, number>();

  /** Notes what stands at a position. */
  note(position: number, event: Uint8Array): void {
    this.digests.set(position, digestOf(event));
    this.digests.delete(position - REMEMBERED);
  }

  /** Whether something else is remembered to stand there. */
  contradicts(position: number, event: Uint8Array): boolean {
    const known = this.digests.get(position);
    return known !== undefined && known !== digestOf(event);
  }
}

function digestOf(event: Uint8Array): number {
  return createHash('sha256').update(event).digest().readUIntBE(0, DIGEST_BYTES);
}
