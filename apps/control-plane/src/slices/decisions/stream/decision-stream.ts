import { GraphQLError } from 'graphql';

import { StreamEnding } from '../../../platform/graphql/stream-ending.js';
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
  private readonly ending: StreamEnding<DecisionDelivery>;

  constructor(private readonly parts: DecisionStreamParts) {
    const stop = parts.listen((rows) => this.take(rows));
    this.ending = new StreamEnding(() => {
      stop();
      parts.onEnd();
    });
  }

  async next(): Promise<Step> {
    while (!this.ending.hasEnded) {
      if (this.last !== undefined) return this.ending.with({ decisionStream: this.last });
      if (this.waiting.length > 0) return this.deliver();
      await this.ending.sleep();
    }
    return this.ending.end();
  }

  async return(): Promise<Step> {
    return this.ending.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private take(rows: readonly DecisionRow[]): void {
    const wanted = rows.filter((row) => matches(this.parts.filter, row));
    if (this.waiting.length + wanted.length > WAITING_DECISIONS) this.last = tooSlow();
    else this.waiting.push(...wanted);
    this.ending.wakeUp();
  }

  private async deliver(): Promise<Step> {
    if (this.cleared === 0) {
      const refused = await this.parts.stillAllowed();
      if (refused !== undefined) return this.ending.with({ decisionStream: refused });
      this.cleared = this.waiting.length;
    }
    const row = this.waiting.shift();
    this.cleared -= 1;
    return row === undefined ? this.next() : { done: false, value: { decisionStream: decisionToGraphql(row) } };
  }
}

function tooSlow(): GraphQLError {
  return new GraphQLError('This stream was read too slowly and has ended. Look the missed decisions up with `decisions`.', {
    extensions: { code: 'stream_too_slow' },
  });
}
