import { GraphQLError } from 'graphql';

import { StreamEnding } from '../../../platform/graphql/stream-ending.js';
import { matches, type AuditEventFilter } from './event-filter.js';
import type { AuditEventNode } from './event-row.js';

/** One delivery of a subscription; an error in the place of the event is the stream's last word. */
export interface AuditDelivery {
  readonly auditStream: AuditEventNode | GraphQLError;
}

/** What a tail is made from. */
export interface AuditTailParts {
  readonly filter: AuditEventFilter;
  /** The number after which it begins; asked for when the first event is. */
  readonly begin: () => Promise<number>;
  /** The next events after a number, in their order; empty when there are none yet. */
  readonly read: (after: number) => Promise<readonly AuditEventNode[]>;
  /** Calls back soon after there may be more, any number of times; the answer ends it. */
  readonly listen: (onMore: () => void) => () => void;
  /** Whether the reader may still see events; an error says why not. Asked before each page is delivered. */
  readonly stillAllowed: () => Promise<GraphQLError | undefined>;
  /** Called once, when the tail ends for whatever reason. */
  readonly onEnd: () => void;
}

type Step = IteratorResult<AuditDelivery, undefined>;

/** One reader's live events, read from the store at the reader's own pace: a slow reader lags, and misses nothing. */
export class AuditTail implements AsyncIterableIterator<AuditDelivery, undefined> {
  private page: readonly AuditEventNode[] = [];
  private after: number | undefined;
  private hasNews = false;
  private readonly ending: StreamEnding<AuditDelivery>;

  constructor(private readonly parts: AuditTailParts) {
    const stop = parts.listen(() => {
      this.hasNews = true;
      this.ending.wakeUp();
    });
    this.ending = new StreamEnding(() => {
      stop();
      parts.onEnd();
    });
  }

  async next(): Promise<Step> {
    while (!this.ending.hasEnded) {
      const [event, ...rest] = this.page;
      if (event !== undefined) {
        this.page = rest;
        return { done: false, value: { auditStream: event } };
      }
      const refused = await this.turnPage();
      if (refused !== undefined) return this.ending.with({ auditStream: refused });
    }
    return this.ending.end();
  }

  async return(): Promise<Step> {
    return this.ending.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Reads on, or waits for more where there is none. */
  private async turnPage(): Promise<GraphQLError | undefined> {
    this.hasNews = false;
    this.after ??= await this.parts.begin();
    const events = await this.parts.read(this.after);
    this.after = events.at(-1)?.seq ?? this.after;
    const wanted = events.filter((event) => matches(this.parts.filter, event));
    if (wanted.length > 0) {
      const refused = await this.parts.stillAllowed();
      if (refused !== undefined) return refused;
      this.page = wanted;
    }
    if (events.length === 0 && !this.hasNews) await this.ending.sleep();
    return undefined;
  }
}
