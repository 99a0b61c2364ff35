import { brokerFault } from '@sallyport/broker';
import type { Fault, Scheduler } from '@sallyport/kernel';

const TICK_MS = 1_000;
/** Ticks without a sign of life after which one is worried, and given up. */
const WORRIED_AFTER = 4;
const LOST_AFTER = 15;

/**
 * Notices that a consumer gives no sign of life: neither a fetch that came back, even empty, nor a batch in hand. It counts its
 * own ticks rather than time, so that a process that was stopped itself gives its consumer the time to go on.
 */
export class Pulse {
  /** Resolves when it is lost for good. */
  readonly lost: Promise<Fault>;
  private lose: (fault: Fault) => void = () => undefined;
  private callOff: () => void;
  private missed = 0;
  private inHand = 0;
  private beats = 0;

  /** @param onWorry Told once each time signs of life stop coming. */
  constructor(
    private readonly scheduler: Scheduler,
    private readonly onWorry: () => void,
  ) {
    this.lost = new Promise((resolve) => {
      this.lose = resolve;
    });
    this.callOff = scheduler.after(TICK_MS, () => this.tick());
  }

  /** Whether there ever was a sign of life. */
  get everBeat(): boolean {
    return this.beats > 0;
  }

  /** A sign of life. */
  beat(): void {
    this.beats += 1;
    this.missed = 0;
  }

  /** Lives as long as `work` takes. */
  async during(work: () => Promise<void>): Promise<void> {
    this.inHand += 1;
    try {
      await work();
    } finally {
      this.inHand -= 1;
      this.beat();
    }
  }

  stop(): void {
    this.callOff();
  }

  private tick(): void {
    this.callOff = this.scheduler.after(TICK_MS, () => this.tick());
    if (this.inHand > 0) return;
    this.missed += 1;
    if (this.missed === WORRIED_AFTER) this.onWorry();
    if (this.missed >= LOST_AFTER) this.lose(brokerFault.unreachable('the consumer gave no sign of life and is made anew'));
  }
}
