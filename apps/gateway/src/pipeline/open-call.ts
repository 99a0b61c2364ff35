import type { CompletedRecord, DecidedRecord } from '@sallyport/audit';
import type { CounterStore, MarkStore } from '@sallyport/counter-store';
import type { Clock } from '@sallyport/kernel';
import type { FlowMark } from '@sallyport/policy-engine';
import type { Journal } from '@sallyport/audit';
import type { Logger } from 'pino';

import type { WorkerNotes } from '../notes/worker-notes.js';
import type { GrantBinding } from '../snapshot/grant-binding.js';
import type { GatewayMetrics } from '../telemetry/gateway-metrics.js';
import type { DecisionIds } from './decision-ids.js';
import { completedRecord } from './record-decision.js';
import type { TakenUnits } from './reserve-limits.js';
import { NO_MARKS, bearerOf } from './borne-marks.js';

/** How an admitted call ended, as far as its transport knows. */
export type CallEnding = Pick<CompletedRecord, 'outcome' | 'status' | 'httpStatus' | 'rpcCode' | 'resultBytes'> & {
  /** Set when it was refused after its record was kept. */
  readonly reasonCode?: CompletedRecord['reasonCode'];
  /** Whether the limits' units go back: it never reached the upstream, or the upstream answered with an error. */
  readonly release: boolean;
  /** What rules about answers did to this one; left out where there are none. */
  readonly told?: AnswerTold;
};

/** What rules about answers did to one answer: never a value of it. */
export type AnswerTold = Pick<CompletedRecord, 'answerRuleId' | 'removed' | 'removedCount'>;

const NOTHING_TOLD: AnswerTold = { answerRuleId: null, removed: [], removedCount: 0 };

/** What calls are decided, recorded and settled with. */
export interface CallBooks {
  readonly clock: Clock;
  readonly ids: DecisionIds;
  readonly journal: Journal;
  readonly counters: CounterStore;
  readonly marks: MarkStore;
  readonly notes: WorkerNotes;
  readonly metrics: GatewayMetrics | undefined;
  readonly log: Logger;
}

/** An admitted call between its `decided` and its one `completed`: it owes the settlement of its limits and that record. */
export class OpenCall {
  private sentMs = 0;
  private settled = false;

  constructor(
    private readonly books: CallBooks,
    private readonly decided: DecidedRecord,
    private readonly opened: { readonly taken: TakenUnits; readonly marks: readonly FlowMark[]; readonly startedMs: number; readonly binding: GrantBinding },
  ) {}

  /** Notes that the bytes are being handed to the upstream now. */
  sending(): void {
    this.sentMs = this.books.clock.monotonicMs();
  }

  /** Settles and records. Only the first ending counts. */
  end(ending: CallEnding): void {
    if (this.settled) return;
    this.settled = true;
    const { clock, journal, metrics } = this.books;
    const told = ending.told ?? NOTHING_TOLD;
    const nowMs = clock.monotonicMs();
    const durationUs = microseconds(nowMs - this.opened.startedMs);
    const upstreamUs = this.sentMs === 0 ? 0 : microseconds(nowMs - this.sentMs);
    const isLimited = this.opened.taken.asks.length > 0;
    const release = isLimited && (ending.release || (ending.status !== 'ok' && this.opened.taken.ofSuccess.length === this.opened.taken.asks.length));
    if (isLimited) this.settleLimits(release, ending.status === 'ok');
    const isMarked = this.opened.marks.length > 0 && (ending.status === 'ok' || ending.status === 'tool_error');
    if (isMarked) this.leaveMarks();
    journal.completed(
      completedRecord(this.decided, clock.now(), {
        outcome: ending.outcome,
        reasonCode: ending.reasonCode ?? null,
        status: ending.status,
        httpStatus: ending.httpStatus,
        rpcCode: ending.rpcCode,
        resultBytes: ending.resultBytes,
        durationUs,
        upstreamUs,
        chargesReleased: release,
        answerRuleId: told.answerRuleId,
        removed: told.removed,
        removedCount: told.removedCount,
        marksLeft: isMarked ? this.opened.marks.map(({ mark }) => mark) : NO_MARKS,
      }),
    );
    metrics?.callEnded(ending.outcome, ending.reasonCode ?? null);
    metrics?.callTook(durationUs, upstreamUs);
  }

  /** The call was answered: its identity bears what the call leaves. */
  private leaveMarks(): void {
    const { marks, clock, log, notes } = this.books;
    notes.marksLeft(this.opened.binding, this.decided, this.opened.marks);
    const failed = (error: unknown): void => log.error({ err: error, event: 'flow.mark_lost' }, 'a mark of a flow could not be kept for all workers');
    try {
      const leaving = marks.leave(bearerOf(this.decided), this.opened.marks, clock.now());
      if (leaving instanceof Promise) leaving.catch(failed);
    } catch (caught) {
      failed(caught);
    }
  }

  /** Gives back all that the call took, or only what it does not count for. */
  private settleLimits(release: boolean, isSuccess: boolean): void {
    const { asks, ofSuccess } = this.opened.taken;
    const { counters, log } = this.books;
    const settling = release ? counters.release(asks) : isSuccess ? counters.settle(asks) : counters.settle(asks, ofSuccess);
    if (settling instanceof Promise) settling.catch((error: unknown) => log.error({ err: error }, 'units of a call could not be given back'));
  }
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}
