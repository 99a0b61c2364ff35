import { TOPIC, type Broker } from '@sallyport/broker';
import { WorkerRecordGate, WorkerRegister, type WorkerRecordGateParts } from '@sallyport/event-stream';
import type { Clock, Fault } from '@sallyport/kernel';

/** Reports of workers that are gone by now need not be read. Milliseconds. */
const LOOKED_BACK_MS = 60_000;

/** What counting the workers needs. */
export interface LiveWorkersParts extends WorkerRecordGateParts {
  readonly clock: Clock;
  readonly onFault: (fault: Fault) => void;
}

/** How many workers serve now, by what they report; soft limits are shared among so many while Redis is away. */
export class LiveWorkers {
  private constructor(
    private readonly clock: Clock,
    private readonly register: WorkerRegister,
  ) {}

  /** Begins to count. The follower ends with its broker. */
  static follow(broker: Broker, parts: LiveWorkersParts): LiveWorkers {
    const { clock, onFault } = parts;
    const workers = new LiveWorkers(clock, new WorkerRegister(new WorkerRecordGate(parts)));
    broker.follow(TOPIC.status, {
      from: { sinceMs: clock.now() - LOOKED_BACK_MS },
      gathers: true,
      onBatch: (records) => void workers.register.accept(records, { wallMs: clock.now(), monotonicMs: clock.monotonicMs() }),
      onFault,
    });
    return workers;
  }

  /** At least one: this worker itself. */
  get count(): number {
    return Math.max(1, this.register.liveCount(this.clock.monotonicMs()));
  }
}
