/** One thing that was done, with its begin and end on one monotonic clock of this process, milliseconds. */
export interface Step<Outcome> {
  readonly what: string;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly outcome: Outcome;
}

/**
 * What happened, as it was seen from outside. Two steps overlap unless one ended before the other began, and only steps that do
 * not overlap have an order: claims about "after" are claims about those.
 */
export class History<Outcome> {
  private readonly recorded: Step<Outcome>[] = [];

  get steps(): readonly Step<Outcome>[] {
    return this.recorded;
  }

  /** Does it and keeps when it began and ended, and how. What it throws is not kept. */
  async record(what: string, work: () => Promise<Outcome>): Promise<Outcome> {
    const beganMs = performance.now();
    const outcome = await work();
    this.recorded.push({ what, beganMs, endedMs: performance.now(), outcome });
    return outcome;
  }

  /** Steps that began after an instant of this clock. */
  after(instantMs: number): readonly Step<Outcome>[] {
    return this.recorded.filter(({ beganMs }) => beganMs >= instantMs);
  }

  /** How many steps ended in each way. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { outcome } of this.recorded) counts[String(outcome)] = (counts[String(outcome)] ?? 0) + 1;
    return counts;
  }
}
