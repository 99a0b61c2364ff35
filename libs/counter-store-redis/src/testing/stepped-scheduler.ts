import type { Scheduler } from '@sallyport/kernel';

/** Does later what a test says is later. */
export class SteppedScheduler implements Scheduler {
  private nowMs = 0;
  private readonly due = new Set<{ readonly atMs: number; readonly run: () => void }>();

  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.nowMs + delayMs, run };
    this.due.add(entry);
    return () => this.due.delete(entry);
  }

  /** Lets time pass, and does what became due, in its order. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let next = this.next(untilMs); next !== undefined; next = this.next(untilMs)) {
      this.due.delete(next);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = untilMs;
  }

  private next(untilMs: number) {
    return [...this.due].filter(({ atMs }) => atMs <= untilMs).sort((left, right) => left.atMs - right.atMs)[0];
  }
}
