import { GraphQLError } from 'graphql';

import { decisionToGraphql, type DecisionRow } from '../decision-to-graphql.js';
import { matches, type DecisionFilter } from '../read/decision-filter.js';

/** Decisions that may wait for a slow reader; beyond, the stream ends. */
export const WAITING_DECISIONS = 1_000;

/** One delivery of a subscription; an error in the place of the decision is the stream's last word. */
export interface DecisionDelivery {
  readonly decisionStream: ReturnType<typeof decisionToGraphql> | GraphQLError;
}

/** What a stream is made from. */
export interface DecisionStreamParts {
  readonly filter: DecisionFilter;
  /** Starts listening; the answer stops it. */
  listen(listener: (rows: readonly DecisionRow[]) => void): () => void;
  /** Whether the reader may still see decisions; an error says why not. Asked before anything is delivered. */
  stillAllowed(): Promise<GraphQLError | undefined>;
  /** Called once, when the stream ends for whatever reason. */
  onEnd(): void;
}

type Step = IteratorResult<DecisionDelivery, undefined>;

/**
 * One subscriber's decisions. A reader that is too slow, or no longer allowed, gets an error as the last delivery.
 */
export class DecisionStream implements AsyncIterableIterator<DecisionDelivery, undefined> {
  private readonly waiting: DecisionRow[] = [];
  /** Rows up to here were delivered under the last look at the reader's right. */
  private cleared = 0;
  private last: GraphQLError | undefined;
  private ended = false;
  private wake: (() => void) | undefined;
  private readonly stop: () => void;

  constructor(private readonly parts: DecisionStreamParts) {
    this.stop = parts.listen((rows) => this.take(rows));
  }

  async next(): Promise<Step> {
    for (;;) {
      if (this.ended) return { done: true, value: undefined };
      if (this.last !== undefined) return this.finish(this.last);
      if (this.waiting.length > 0) return this.deliver();
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  async return(): Promise<Step> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private take(rows: readonly DecisionRow[]): void {
    const wanted = rows.filter((row) => matches(this.parts.filter, row));
    if (this.waiting.length + wanted.length > WAITING_DECISIONS) this.last = tooSlow();
    else this.waiting.push(...wanted);
    this.wakeUp();
  }

  private async deliver(): Promise<Step> {
    if (this.cleared === 0) {
      const refused = await this.parts.stillAllowed();
      if (refused !== undefined) return this.finish(refused);
      this.cleared = this.waiting.length;
    }
    const row = this.waiting.shift();
    this.cleared -= 1;
    return row === undefined ? this.next() : { done: false, value: { decisionStream: decisionToGraphql(row) } };
  }

  private finish(error: GraphQLError): Step {
    this.end();
    return { done: false, value: { decisionStream: error } };
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.stop();
    this.parts.onEnd();
    this.wakeUp();
  }

  private wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

function tooSlow(): GraphQLError {
  return new GraphQLError('This stream was read too slowly and has ended. Look the missed decisions up with `decisions`.', {
    extensions: { code: 'stream_too_slow' },
  });
}
