import type { Scheduler } from '@sallyport/kernel';

/** Where an exporter waits: for time to pass, for news from its stream, for a nudge by a person, or for its end. */
export class Rest {
  private resting: { readonly endsAtNews: boolean; readonly end: () => void } | null = null;
  private heardNews = false;
  private nudged = false;
  private ended = false;

  constructor(private readonly scheduler: Scheduler) {}

  get over(): boolean {
    return this.ended;
  }

  /** Waits at most `ms`; less at news, a nudge or the end. */
  idle(ms: number): Promise<void> {
    return this.wait(ms, true);
  }

  /** Waits at most `ms`; less at a nudge or the end. */
  sleep(ms: number): Promise<void> {
    return this.wait(ms, false);
  }

  news(): void {
    this.heardNews = true;
    if (this.resting?.endsAtNews === true) this.resting.end();
  }

  nudge(): void {
    this.nudged = true;
    this.resting?.end();
  }

  end(): void {
    this.ended = true;
    this.resting?.end();
  }

  private async wait(ms: number, endsAtNews: boolean): Promise<void> {
    if (!this.ended && !this.nudged && !(endsAtNews && this.heardNews)) await this.pass(ms, endsAtNews);
    this.nudged = false;
    if (endsAtNews) this.heardNews = false;
  }

  private pass(ms: number, endsAtNews: boolean): Promise<void> {
    return new Promise((resolve) => {
      let callOff = (): void => undefined;
      const end = (): void => {
        callOff();
        this.resting = null;
        resolve();
      };
      this.resting = { endsAtNews, end };
      callOff = this.scheduler.after(ms, end);
    });
  }
}
