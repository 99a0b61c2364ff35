/** The end of one subscription's deliveries, and the sleep until there is more of them. It ends once, whoever ends it, and that wakes who sleeps. */
export class StreamEnding<Delivery> {
  private isOver = false;
  private wake: (() => void) | undefined;

  /** @param onEnd Called once, at the end. */
  constructor(private readonly onEnd: () => void) {}

  get hasEnded(): boolean {
    return this.isOver;
  }

  /** Ends it with one more delivery. */
  with(last: Delivery): IteratorResult<Delivery, undefined> {
    this.end();
    return { done: false, value: last };
  }

  /** Ends it with nothing more. */
  end(): IteratorResult<Delivery, undefined> {
    if (!this.isOver) {
      this.isOver = true;
      this.onEnd();
      this.wakeUp();
    }
    return { done: true, value: undefined };
  }

  /** Resolves when it is woken, or at once when it has ended. */
  async sleep(): Promise<void> {
    if (!this.isOver) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** Wakes who sleeps, if anybody does. */
  wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }
}
