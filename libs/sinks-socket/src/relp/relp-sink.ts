import type { Delivery, NetworkTarget, OutgoingBatch, OutgoingEvent, Sink, SinkTools } from '@sallyport/sinks';

import { refusedConnection } from '../connection/refused-connection.js';
import { syslogMessage, type SyslogForm } from '../syslog/syslog-message.js';
import { TOO_LARGE, type RejectedEvent } from '../syslog/syslog-sink.js';
import { RelpSession } from './relp-session.js';

/** What a RELP sink is opened with. */
export interface RelpSinkOptions {
  readonly target: NetworkTarget;
  readonly form: SyslogForm;
  /** Frames that may be without an answer at a time. */
  readonly window: number;
  /** How long the receiver may take for the next answer, milliseconds. */
  readonly answerMs: number;
}

/**
 * Sends each event as one frame and counts only what the receiver answered with 200. What it did not answer before the session ended goes out
 * again in a new one; what it refused is named.
 */
export class RelpSink implements Sink {
  private session: RelpSession | null = null;
  private closed = false;

  constructor(
    private readonly options: RelpSinkOptions,
    private readonly tools: Pick<SinkTools, 'network' | 'scheduler'>,
  ) {}

  async deliver(batch: OutgoingBatch, signal: AbortSignal): Promise<Delivery> {
    if (this.closed) return { kind: 'unavailable', reason: 'the sink was closed' };
    const session = await this.opened(signal);
    if (!(session instanceof RelpSession)) return session;
    const abort = (): void => session.destroy(OUT_OF_TIME);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await this.send(session, batch);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  preview(event: OutgoingEvent): string {
    return syslogMessage(event, this.options.form, false)?.toString() ?? TOO_LARGE;
  }

  async close(): Promise<void> {
    this.closed = true;
    const { session } = this;
    this.session = null;
    await session?.close(CLOSE_GRACE_MS);
  }

  private async opened(signal: AbortSignal): Promise<RelpSession | Delivery> {
    if (this.session !== null && this.session.lost === null) return this.session;
    this.session?.destroy('a new session is opened');
    this.session = null;
    const connected = await this.tools.network.connect(this.options.target, signal);
    if (!connected.ok) return signal.aborted ? { kind: 'unavailable', reason: OUT_OF_TIME } : refusedConnection(connected.refusal);
    const session = new RelpSession(connected.value);
    const refusal = await this.greet(session, signal);
    if (refusal !== null) return refusal;
    this.session = session;
    return session;
  }

  private async greet(session: RelpSession, signal: AbortSignal): Promise<Delivery | null> {
    const late = this.tools.scheduler.after(this.options.answerMs, () => session.destroy(NO_ANSWER));
    const abort = (): void => session.destroy(OUT_OF_TIME);
    signal.addEventListener('abort', abort, { once: true });
    const refused = await session.open();
    late();
    signal.removeEventListener('abort', abort);
    if (refused === null && !this.closed) return null;
    session.destroy('there is no session');
    return { kind: 'unavailable', reason: refused ?? 'the sink was closed' };
  }

  private async send(session: RelpSession, { events, replay }: OutgoingBatch): Promise<Delivery> {
    const again: number[] = [];
    const rejected: RejectedEvent[] = [];
    const watch = this.watch(session);
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let index = next++; index < events.length; index = next++) {
        const event = events[index];
        if (event === undefined) return;
        const message = syslogMessage(event, this.options.form, replay);
        if (message === null) {
          rejected.push({ index, reason: TOO_LARGE });
          continue;
        }
        const answer = await session.ask('syslog', message);
        watch.heard();
        if (answer === null) again.push(index);
        else if (answer.code !== 200) rejected.push({ index, reason: `the receiver refuses it (RELP ${answer.code})` });
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.options.window, events.length) }, lane));
    watch.stop();
    return outcome({ count: events.length, again, rejected }, session.lost);
  }

  /** Ends the session when the receiver has not answered for `answerMs`. */
  private watch(session: RelpSession): { heard(): void; stop(): void } {
    const arm = (): (() => void) => this.tools.scheduler.after(this.options.answerMs, () => session.destroy(NO_ANSWER));
    let stop = arm();
    return {
      heard: () => {
        stop();
        stop = arm();
      },
      stop: () => stop(),
    };
  }
}

interface Answers {
  readonly count: number;
  readonly again: readonly number[];
  readonly rejected: readonly RejectedEvent[];
}

function outcome({ count, again, rejected }: Answers, lost: string | null): Delivery {
  if (again.length === 0 && rejected.length === 0) return { kind: 'delivered' };
  const reason = lost ?? 'the receiver did not answer';
  if (again.length === count) return { kind: 'unavailable', reason };
  const inOrder = { rejected: rejected.toSorted((a, b) => a.index - b.index), again: again.toSorted((a, b) => a - b) };
  return { kind: 'partly', ...inOrder, ...(again.length > 0 ? { reason } : {}) };
}

const OUT_OF_TIME = 'there was no time left';
const NO_ANSWER = 'the receiver does not acknowledge';
const CLOSE_GRACE_MS = 1_000;
