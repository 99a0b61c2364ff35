import { ok, refuse, timerScheduler, type JsonObject, type Result, type Scheduler } from '@sallyport/kernel';
import type { StdioEntry } from '@sallyport/operator-file';

import { deferred, type Deferred } from './deferred.js';
import { INITIALIZED, initializeMessage, type Introduction } from './introduction.js';
import { StdioConversation } from './stdio-conversation.js';
import type { StdioRequest } from './stdio-exchange.js';
import { FIRST_REQUEST_ID, INITIALIZE_ID, StdioHandshake, type HandshakeStep, type WantedEra } from './stdio-handshake.js';
import type { StdioCall, StdioHandler, StdioServerEvent } from './stdio-call.js';
import { StdioProcess, type StdioExit } from './stdio-process.js';
import type { UpstreamErrorKind } from './upstream-call.js';

/** Bounds and times of one stdio server. Times in milliseconds. */
export interface StdioLimits {
  /** Longest line taken from the process; also the largest result. */
  readonly maxLineBytes: number;
  /** Requests in flight, those that wait for the pipe or for the start included. */
  readonly maxInFlight: number;
  /** Silence after `server/discover` before `initialize` is tried. */
  readonly probeMs: number;
  /** Time for the whole opening, the start of the process included. */
  readonly introductionMs: number;
  /** From closing stdin to SIGTERM, and again to SIGKILL. */
  readonly stopGraceMs: number;
  /** First pause before a restart; doubles up to `maxBackoffMs`, begins anew after `steadyMs` of life. */
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly steadyMs: number;
}

/** Defaults: generous at the start, because a launcher may unpack first. */
export const STDIO_LIMITS: StdioLimits = {
  maxLineBytes: 64 * 1024 * 1024,
  maxInFlight: 1024,
  probeMs: 3000,
  introductionMs: 60_000,
  stopGraceMs: 2000,
  minBackoffMs: 250,
  maxBackoffMs: 30_000,
  steadyMs: 10_000,
};

/** How a server is run; everything has a default. */
export interface StdioServerOptions {
  readonly era?: WantedEra;
  readonly limits?: Partial<StdioLimits>;
  readonly scheduler?: Scheduler;
  readonly stderr?: 'ignore' | 'inherit';
  /** Called for logs and metrics; must not throw. */
  readonly onEvent?: (event: StdioServerEvent) => void;
}

const NEVER_SENT: StdioCall = { sent: false, abort: () => undefined };

/** `starting` a process runs but has not introduced itself · `waiting` for the next restart. */
export type StdioServerState = 'idle' | 'starting' | 'ready' | 'waiting' | 'stopped';

/**
 * One server of the operator's file, kept running: started at the first use, restarted with growing pauses when it exits, stopped with us.
 * Many clients share the one process, so requests travel under ids of our own. When the process exits, requests in flight end as `reset`
 * if they were sent: nobody repeats a call that may have had its effect.
 */
export class StdioServer {
  private readonly limits: StdioLimits;
  private readonly scheduler: Scheduler;
  private readonly conversation: StdioConversation;
  private current: StdioServerState = 'idle';
  private process: StdioProcess | undefined;
  private handshake: StdioHandshake | undefined;
  private introduced: Introduction | undefined;
  private introduction: Deferred<Result<Introduction, UpstreamErrorKind>> | undefined;
  private stopping: Deferred<void> | undefined;
  private timers: (() => void)[] = [];
  private failures = 0;
  private wanted: WantedEra;

  constructor(
    private readonly entry: StdioEntry,
    private readonly options: StdioServerOptions = {},
  ) {
    this.limits = { ...STDIO_LIMITS, ...options.limits };
    this.scheduler = options.scheduler ?? timerScheduler(globalThis);
    this.wanted = options.era ?? 'probe';
    this.conversation = new StdioConversation(FIRST_REQUEST_ID, this.limits.maxInFlight);
  }

  get slug(): string {
    return this.entry.slug;
  }

  get state(): StdioServerState {
    return this.current;
  }

  /** The process' id while there is one. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Lines of stdout that were no JSON-RPC message of the conversation, since the last start. */
  get noiseLines(): number {
    return this.conversation.noiseLines;
  }

  /**
   * How the running process introduced itself, starting it if need be.
   *
   * @returns Refused with why there is none: `refused` it could not be started, exited, or is between two starts; `timeout`; `closed`.
   */
  introduce(): Promise<Result<Introduction, UpstreamErrorKind>> {
    if (this.introduced !== undefined) return Promise.resolve(ok(this.introduced));
    if (this.current === 'stopped') return Promise.resolve(refuse('closed'));
    if (this.current === 'waiting') return Promise.resolve(refuse('refused'));
    if (this.current === 'idle') this.start();
    this.introduction ??= deferred();
    return this.introduction.promise;
  }

  /** Sends a client's request, under an id of our own. Never throws; what goes wrong reaches `handler.onError`, perhaps before this returns. */
  request(request: StdioRequest, handler: StdioHandler): StdioCall {
    const refusal = this.current === 'stopped' ? 'closed' : this.current === 'waiting' ? 'refused' : undefined;
    if (refusal !== undefined) {
      handler.onError(refusal);
      return NEVER_SENT;
    }
    if (this.current === 'idle') this.start();
    return this.conversation.request(request, handler);
  }

  /** Sends a client's notification; false when no introduced process runs. */
  notify(message: Buffer): boolean {
    return this.conversation.say(message);
  }

  /** Answers a request of the server that a handler was given; the message carries the server's id. */
  respond(message: Buffer): void {
    this.conversation.say(message);
  }

  /** Hears the notifications that belong to no request in flight, such as changed lists. Returns how to stop hearing. */
  onNotification(listener: (message: Buffer) => void): () => void {
    return this.conversation.onNotification(listener);
  }

  /** Stops the process: stdin closed, then SIGTERM, then SIGKILL. Settles when it is gone; the server cannot be used again. */
  stop(): Promise<void> {
    this.cancelTimers();
    const running = this.process;
    this.settleIntroduction(refuse('closed'));
    this.current = 'stopped';
    if (running === undefined) return Promise.resolve();
    this.stopping ??= deferred();
    running.stop();
    return this.stopping.promise;
  }

  private start(): void {
    this.current = 'starting';
    this.conversation.begin();
    this.handshake = new StdioHandshake(this.wanted);
    const { maxLineBytes, stopGraceMs } = this.limits;
    const options = { maxLineBytes, stopGraceMs, scheduler: this.scheduler, stderr: this.options.stderr ?? 'ignore' };
    this.process = new StdioProcess(this.entry, options, {
      onLine: (line) => this.conversation.take(line, this.opening(line)),
      onOverlong: () => this.conversation.takeOverlong(),
      onDrain: () => this.conversation.flush(),
      onExit: (exit) => this.exited(exit),
    });
    if (this.process.pid !== undefined) this.report({ type: 'started', pid: this.process.pid });
    this.process.write(this.handshake.first());
    this.later(this.limits.probeMs, () => this.step(this.handshake?.silence() ?? { next: 'wait' }));
    this.later(this.limits.introductionMs, () => this.giveUp('timeout'));
  }

  private opening(line: Buffer): ((value: JsonObject) => void) | undefined {
    const { handshake } = this;
    return handshake === undefined ? undefined : (value) => this.step(handshake.answer(value, line));
  }

  private step(step: HandshakeStep): void {
    if (step.next === 'initialize') this.process?.write(initializeMessage(INITIALIZE_ID));
    if (step.next === 'give_up') this.giveUp('refused');
    if (step.next === 'done') this.ready(step.introduction);
  }

  private ready(introduction: Introduction): void {
    this.cancelTimers();
    this.handshake = undefined;
    this.current = 'ready';
    this.introduced = introduction;
    if (introduction.era === 'legacy') this.process?.write(INITIALIZED);
    this.report({ type: 'introduced', era: introduction.era });
    this.later(this.limits.steadyMs, () => (this.failures = 0));
    this.settleIntroduction(ok(introduction));
    if (this.process !== undefined) this.conversation.attach(this.process);
  }

  private giveUp(kind: UpstreamErrorKind): void {
    this.settleIntroduction(refuse(kind));
    this.process?.kill();
  }

  private exited(exit: StdioExit): void {
    const diedOfProbe = this.handshake?.isUnanswered === true && exit.spawnError === undefined && this.current === 'starting';
    this.cancelTimers();
    this.process = undefined;
    this.introduced = undefined;
    this.handshake = undefined;
    this.reportExit(exit);
    if (diedOfProbe) return this.startLegacy();
    if (this.current !== 'stopped') this.waitForRestart();
    this.settleIntroduction(refuse('refused'));
    this.conversation.detach('refused');
    this.stopping?.resolve();
  }

  /** Some older SDKs end the process at any request before `initialize`: such a server is legacy, and nothing was lost. */
  private startLegacy(): void {
    this.wanted = 'legacy';
    this.start();
  }

  private waitForRestart(): void {
    this.current = 'waiting';
    const inMs = Math.min(this.limits.minBackoffMs * 2 ** this.failures, this.limits.maxBackoffMs);
    this.failures += 1;
    this.report({ type: 'restarting', inMs });
    this.later(inMs, () => this.start());
  }

  private settleIntroduction(outcome: Result<Introduction, UpstreamErrorKind>): void {
    this.introduction?.resolve(outcome);
    this.introduction = undefined;
  }

  private later(delayMs: number, task: () => void): void {
    this.timers.push(this.scheduler.after(delayMs, task));
  }

  private cancelTimers(): void {
    for (const cancel of this.timers.splice(0)) cancel();
  }

  private reportExit(exit: StdioExit): void {
    if (exit.spawnError !== undefined) this.report({ type: 'not_started', reason: exit.spawnError });
    else this.report({ type: 'exited', code: exit.code, signal: exit.signal, noiseLines: this.noiseLines });
  }

  private report(event: StdioServerEvent): void {
    this.options.onEvent?.(event);
  }
}

