/** How many bytes of events may be between the streams and the receivers of a process. */
export interface RoomBounds {
  readonly totalBytes: number;
  /** What one organisation may have of it. */
  readonly organisationBytes: number;
}

interface Waiting {
  readonly organisationId: string;
  readonly bytes: number;
  readonly enter: (leave: () => void) => void;
}

/**
 * The memory that deliveries share. Who waits is let in by turns of the organisations: the one that was let in longest ago comes first, so
 * that an organisation of many sinks does not hold up one that has a single sink.
 */
export class Room {
  private taken = 0;
  private readonly byOrganisation = new Map<string, number>();
  private waiting: readonly Waiting[] = [];
  private readonly lastTurn = new Map<string, number>();
  private turn = 0;

  constructor(private readonly bounds: RoomBounds) {}

  /** Bytes that are taken now. */
  get bytes(): number {
    return this.taken;
  }

  /** Takes room, and waits for it as long as it takes unless `stop` aborts. The answer gives it back; null when stopped. More than the bounds is let in alone. */
  enter(organisationId: string, bytes: number, stop: AbortSignal): Promise<(() => void) | null> {
    if (stop.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.waiting = this.waiting.filter((other) => other !== wish);
        resolve(null);
      };
      const wish: Waiting = {
        organisationId,
        bytes,
        enter: (leave) => {
          stop.removeEventListener('abort', giveUp);
          resolve(leave);
        },
      };
      stop.addEventListener('abort', giveUp, { once: true });
      this.waiting = [...this.waiting, wish];
      this.letIn();
    });
  }

  private letIn(): void {
    for (let next = this.nextThatFits(); next !== undefined; next = this.nextThatFits()) {
      const admitted = next;
      this.waiting = this.waiting.filter((other) => other !== admitted);
      this.count(admitted.organisationId, admitted.bytes);
      this.turn += 1;
      this.lastTurn.set(admitted.organisationId, this.turn);
      admitted.enter(this.leaving(admitted));
    }
  }

  private nextThatFits(): Waiting | undefined {
    const turnOf = ({ organisationId }: Waiting): number => this.lastTurn.get(organisationId) ?? 0;
    return this.waiting.filter((wish) => this.fits(wish)).sort((one, other) => turnOf(one) - turnOf(other))[0];
  }

  private fits({ organisationId, bytes }: Waiting): boolean {
    const own = this.byOrganisation.get(organisationId) ?? 0;
    const fitsOwn = own === 0 || own + bytes <= this.bounds.organisationBytes;
    return fitsOwn && (this.taken === 0 || this.taken + bytes <= this.bounds.totalBytes);
  }

  private leaving({ organisationId, bytes }: Waiting): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.count(organisationId, -bytes);
      if (!this.byOrganisation.has(organisationId) && !this.waiting.some((wish) => wish.organisationId === organisationId)) this.lastTurn.delete(organisationId);
      this.letIn();
    };
  }

  private count(organisationId: string, bytes: number): void {
    this.taken += bytes;
    const own = (this.byOrganisation.get(organisationId) ?? 0) + bytes;
    if (own === 0) this.byOrganisation.delete(organisationId);
    else this.byOrganisation.set(organisationId, own);
  }
}
