import { EMPTY_HISTORY, type CallSeen, type CutOffSeen, type ReportSeen, type RevocationSeen, type RunHistory } from '@sallyport/test-support';

import { verdictOf } from '../../e2e/world/post.js';
import type { Fleet, FleetWorker } from './fleet.js';
import type { StatusRecorder } from './status-recorder.js';
import type { Held, Tenant } from './tenant.js';

/** Callers that go on until they are told to stop. */
export interface Callers {
  /** Resolves once each has done so many calls more. */
  more(count: number): Promise<void>;
  /** Stops; resolves once the last calls are answered. */
  stop(): Promise<void>;
}

/** Does things to a deployment and keeps what it saw, for the checker. */
export class Observer {
  readonly calls: CallSeen[] = [];
  readonly revocations: RevocationSeen[] = [];
  readonly cutOffs: CutOffSeen[] = [];

  constructor(
    private readonly fleet: Fleet,
    private readonly status: StatusRecorder,
  ) {}

  /** Everything seen so far. */
  history(more: Partial<RunHistory> = {}): RunHistory {
    const reports: readonly ReportSeen[] = this.status.reports;
    return { ...EMPTY_HISTORY, calls: this.calls, revocations: this.revocations, cutOffs: this.cutOffs, reports, ...more };
  }

  /** One call; `expected` where only one answer is right. A connection that breaks counts as `unreachable`. */
  async call(worker: FleetWorker, held: Held, expected: string | null = null): Promise<string> {
    const beganMs = performance.now();
    const verdict = await this.fleet.call(worker, held, 'do_it').then(verdictOf, () => 'unreachable');
    this.calls.push({ worker: worker.workerId, grant: held.grantId, organisation: held.organisation, beganMs, endedMs: performance.now(), verdict, expected });
    return verdict;
  }

  /** One call at each worker, and what they answered. */
  verdicts(held: Held, expected: string | null = null, workers: readonly FleetWorker[] = this.fleet.workers): Promise<readonly string[]> {
    return Promise.all(workers.map((worker) => this.call(worker, held, expected)));
  }

  /** One caller a worker, one call after the other. */
  keepCalling(held: Held, options: { readonly workers?: readonly FleetWorker[]; readonly expected?: string } = {}): Callers {
    const workers = options.workers ?? this.fleet.workers;
    const done = workers.map(() => 0);
    let isStopped = false;
    const loops = workers.map(async (worker, index) => {
      while (!isStopped) {
        await this.call(worker, held, options.expected ?? null);
        done[index] = (done[index] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, 20)); // a caller's own pause, so that the machine has room for the rest
      }
    });
    return {
      more: async (count) => {
        const target = done.map((so) => so + count);
        while (!isStopped && done.some((so, index) => so < (target[index] ?? 0))) await new Promise((resolve) => setTimeout(resolve, 10));
      },
      stop: async () => {
        isStopped = true;
        await Promise.all(loops);
      },
    };
  }

  /** Revokes, and keeps when that was asked and answered. */
  async revoke(tenant: Tenant, held: Held): Promise<RevocationSeen & { readonly outstanding: readonly string[] }> {
    const askedMs = performance.now();
    const { reached, outstanding } = await tenant.revoke(held);
    const seen = { grant: held.grantId, askedMs, answeredMs: performance.now(), enforced: reached };
    this.revocations.push(seen);
    return { ...seen, outstanding };
  }
}
