import type { Scheduler } from '@sallyport/kernel';

/** A task that runs again and again, a fixed time after its last run ended: never twice at once, and not after `stop`. */
export class RepeatedTask {
  private callOff: () => void = () => undefined;
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();

  /** @param task Never rejects. `isStopped` tells a long one to end early. */
  constructor(
    private readonly scheduler: Scheduler,
    private readonly intervalMs: number,
    private readonly task: (isStopped: () => boolean) => Promise<void>,
  ) {}

  /** Plans the next run. */
  start(): void {
    this.callOff = this.scheduler.after(this.intervalMs, () => {
      this.running = this.task(() => this.isStopped).then(() => {
        if (!this.isStopped) this.start();
      });
    });
  }

  /** Calls off the next run, and waits for one under way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.callOff();
    await this.running;
  }
}
