import type { Scheduler } from '@sallyport/kernel';

import { within } from './within.js';

/** What a circuit watches, and how. */
export interface CircuitParts {
  ping(): Promise<void>;
  reconnect(): void;
  onChange(state: 'back' | 'away', why: string): void;
  readonly scheduler: Scheduler;
  readonly deadlineMs: number;
  readonly probeMs: number;
}

const PROBES_BEFORE_RECONNECT = 20;

/**
 * Whether the store is asked at all. One failure opens it, so that no other call waits for what does not answer; from then on
 * only pings are sent, one at a time, until one is answered in time. A connection on which nothing comes back is made anew.
 */
export class Circuit {
  private state: 'closed' | 'open' | 'ended' = 'closed';
  private callOff: () => void = () => undefined;
  private failedProbes = 0;

  constructor(private readonly parts: CircuitParts) {}

  get isClosed(): boolean {
    return this.state === 'closed';
  }

  /** Notes a failure. */
  trip(why: string): void {
    if (this.state !== 'closed') return;
    this.state = 'open';
    this.failedProbes = 0;
    this.parts.onChange('away', why);
    this.probe();
  }

  /** Stops looking. */
  end(): void {
    this.state = 'ended';
    this.callOff();
  }

  private probe(): void {
    const { scheduler, deadlineMs, probeMs } = this.parts;
    const answer = within({ scheduler, deadlineMs }, this.parts.ping(), () => new Error('a ping was not answered in time'));
    answer.then(
      () => this.close(),
      () => {
        this.failedProbes += 1;
        if (this.failedProbes % PROBES_BEFORE_RECONNECT === 0) this.parts.reconnect();
        if (this.state === 'open') this.callOff = scheduler.after(probeMs, () => this.probe());
      },
    );
  }

  private close(): void {
    if (this.state !== 'open') return;
    this.state = 'closed';
    this.parts.onChange('back', 'a ping was answered');
  }
}
