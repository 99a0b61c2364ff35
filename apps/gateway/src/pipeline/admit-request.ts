import type { DecidedRecord, ShadowDisagreement } from '@sallyport/audit';
import type { DecisionId, EpochMs } from '@sallyport/kernel';
import { responseFilter, type LimitAsk, type PlacedResponse } from '@sallyport/policy-engine';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import { knowledgeAgeMs } from '../snapshot/freshness.js';
import { denialAnswer } from './answer-denial.js';
import { AnswerFilter } from './answer-filter.js';
import { NO_MARKS, borneMarks } from './borne-marks.js';
import { decideByDefault, decideCall, gateOf, toolCallOf, type CallFacts } from './decide-call.js';
import { ownDenial, type Admission, type CallDecision, type Denial } from './decision.js';
import { minRevisionOf } from './identify-caller.js';
import { recordLevel, sealArguments } from './keep-arguments.js';
import { keepDecision, reachesBus } from './keep-decision.js';
import { OpenCall } from './open-call.js';
import { clientNameOf, type PostedRequest } from './posted-message.js';
import { decidedRecord } from './record-decision.js';
import { NOTHING_TAKEN, reserveLimits, storeDenial, type TakenUnits } from './reserve-limits.js';
import { NO_SHADOWS, shadowVerdicts } from './shadow-verdict.js';

/** A request that may go upstream now; it counts as under way until its relay ends. */
export interface AdmittedRequest {
  readonly request: PostedRequest;
  readonly decisionId: DecisionId;
  /** `null` for the protocol's housekeeping, which leaves no record unless it is refused. */
  readonly open: OpenCall | null;
  /** Of the protocol's housekeeping alone, which may still be refused behind the gates. */
  readonly waved: Waved | null;
  /** The policy's rules about the answer; `null` where there are none, and the answer passes as it is. */
  readonly filter: AnswerFilter | null;
}

/** A request of the protocol's housekeeping that has passed the gates. */
export interface Waved {
  /** Keeps a record of its refusal, as of any other whose decision id a client is told. */
  keepRefusal(denial: Denial): Promise<void>;
}

/** What is done with a request once it is admitted; in the same step in which its record was found to be kept. */
export type Admitted = (core: GatewayCore, admitted: AdmittedRequest) => void;

/**
 * From the gates to the kept record: decides a request, takes its limits, keeps the decision, and hands it on. Answers a refusal
 * itself. A fault on the way is a refusal too, and gives back what was taken.
 */
export function admitRequest(core: GatewayCore, request: PostedRequest, admitted: Admitted): Promise<void> {
  return new Admittance(core, request, admitted).decided();
}

/** The same for the protocol's housekeeping: the gates alone, and a record only of a refusal. */
export function admitUnrecorded(core: GatewayCore, request: PostedRequest, admitted: Admitted): Promise<void> | undefined {
  return new Admittance(core, request, admitted).waved();
}

/** One request on its way in. */
class Admittance implements Waved {
  private readonly decisionId: DecisionId;
  private readonly at: EpochMs;
  private taken: TakenUnits = NOTHING_TAKEN;
  private entered = false;
  private marks: readonly string[] = NO_MARKS;
  /** Whether the policy was asked about a tool call. */
  private isJudged = false;
  /** Whether the journal was handed a record. */
  private isRecorded = false;
  private sessionCalls: number | undefined;

  constructor(
    private readonly core: GatewayCore,
    private readonly request: PostedRequest,
    private readonly admitted: Admitted,
  ) {
    this.at = core.books.clock.now();
    this.decisionId = core.books.ids.next(this.at);
  }

  waved(): Promise<void> | undefined {
    const refusal = this.gate();
    if (refusal !== null) return this.refuse(refusal);
    this.enter();
    this.admitted(this.core, { request: this.request, decisionId: this.decisionId, open: null, waved: this, filter: null });
    return undefined;
  }

  /** Each step calls the next, and only what waits makes a promise: this is every call's way. */
  decided(): Promise<void> {
    try {
      const closed = this.gate();
      if (closed !== null) return this.refuse(closed);
      const marks = this.request.kind.methodClass === 'tool_call' ? this.borneMarks() : NO_MARKS;
      if (!(marks instanceof Promise)) return this.judged(marks);
      return marks.then((borne) => this.judged(borne), (caught: unknown) => this.refuse(storeDenial(caught))).catch((caught: unknown) => this.faulted(caught));
    } catch (caught) {
      return this.faulted(caught);
    }
  }

  private borneMarks(): readonly string[] | Promise<readonly string[]> {
    const { binding, frame } = this.request;
    return borneMarks(this.core.books.marks, binding, { tool: frame.name ?? '', at: this.at });
  }

  private judged(marks: readonly string[]): Promise<void> {
    try {
      this.marks = marks;
      this.isJudged = this.request.kind.methodClass === 'tool_call';
      if (this.isJudged) this.countInSession();
      const decision = this.byPolicy();
      if (decision.effect === 'deny') return this.refuse(decision);
      this.enter();
      const reserving = reserveLimits(this.core.books.counters, this.request.binding.counterKeys, { asks: decision.asks, at: this.at, decisionId: this.decisionId });
      if (!(reserving instanceof Promise)) return this.reserved(decision, reserving);
      return reserving.then((reserved) => this.reserved(decision, reserved)).catch((caught: unknown) => this.faulted(caught));
    } catch (caught) {
      return this.faulted(caught);
    }
  }

  private countInSession(): void {
    const { session } = this.request;
    if (session === undefined) return;
    this.sessionCalls = session.calls;
    session.calls += 1;
  }

  private reserved(decision: Admission, reserved: TakenUnits | Denial): Promise<void> {
    if ('effect' in reserved) return this.refuse(reserved);
    this.taken = reserved;
    const record = this.recordOf(decision);
    return this.keep(record).then((isKept) => {
      try {
        if (!isKept) return this.deny(ownDenial('audit_unavailable'));
        return record.durability === 'bus' ? this.onceOnBus(record, decision) : this.kept(record, decision);
      } catch (caught) {
        return this.faulted(caught);
      }
    });
  }

  private kept(record: DecidedRecord, decision: Admission): void {
    const { exchange } = this.request;
    const { responses } = decision;
    exchange.decisionHeaders = { 'sallyport-decision-id': this.decisionId, 'sallyport-rule-id': record.ruleId ?? '' };
    const open = this.opened(record, decision);
    this.admitted(this.core, { request: this.request, decisionId: this.decisionId, open, waved: null, filter: responses.length === 0 ? null : this.answerFilter(responses) });
  }

  private opened(record: DecidedRecord, { marks }: Admission): OpenCall {
    return new OpenCall(this.core.books, record, { taken: this.taken, marks, startedMs: this.request.exchange.startedMs, binding: this.request.binding });
  }

  /** The decision is kept on disk and stands as allowed there: one that does not get to the bus in time ends as a refusal. */
  private async onceOnBus(record: DecidedRecord, decision: Admission): Promise<void> {
    if (await reachesBus(this.core)) return this.kept(record, decision);
    const denial = ownDenial('audit_unavailable');
    this.opened(record, decision).end({ outcome: 'denied', reasonCode: denial.reasonCode, status: 'not_called', httpStatus: null, rpcCode: null, resultBytes: 0, release: true });
    this.core.calls.leave(this.request.binding.identity.identityId);
    this.tell(denial);
  }

  /** @param responses Of the verdict that admitted the call. */
  private answerFilter(responses: readonly PlacedResponse[]): AnswerFilter | null {
    const { binding } = this.request;
    const filter = binding.policy === null ? undefined : responseFilter(binding.policy.compiled, responses);
    if (filter === undefined) return null;
    const { organisationId } = binding.organisation;
    return new AnswerFilter(filter, { call: toolCallOf(binding, this.facts()), hash: (value) => this.core.hashes.digest(organisationId, value) });
  }

  private facts(): CallFacts {
    const { binding, frame, session } = this.request;
    return { tool: frame.name ?? '', args: frame.args, at: this.at, sessionId: session?.id ?? binding.entry.tokenId, sessionCalls: this.sessionCalls, clientName: clientNameOf(this.request), marks: this.marks };
  }

  private async faulted(caught: unknown): Promise<void> {
    this.core.books.log.error({ err: caught, decisionId: this.decisionId }, 'a request could not be decided');
    const denial = ownDenial('evaluation_error');
    if (!this.isRecorded) await this.record(denial);
    return this.deny(denial);
  }

  private gate(): Denial | null {
    const { binding, exchange } = this.request;
    const closed = gateOf(binding, this.core.store.stamp, this.at);
    if (closed !== null) return closed;
    if ((minRevisionOf(exchange) ?? 0) > binding.organisation.revision) return ownDenial('policy_stale');
    return this.core.calls.isFull(binding.identity.identityId) ? ownDenial('too_many_calls') : null;
  }

  private byPolicy(): CallDecision {
    const { binding, frame, kind } = this.request;
    return kind.methodClass === 'tool_call' ? decideCall(binding, this.facts()) : decideByDefault(binding, frame.method);
  }

  private async refuse(denial: Denial): Promise<void> {
    if (denial.tripped !== undefined) this.noteLimit(denial.tripped);
    await this.record(denial);
    await this.deny(denial);
  }

  async keepRefusal(denial: Denial): Promise<void> {
    this.core.books.metrics?.callEnded(denial.outcome, denial.reasonCode);
    await this.record(denial);
  }

  /** A refusal stands whether or not its record can be made. */
  private async record(denial: Denial): Promise<void> {
    try {
      await this.keep(this.recordOf(denial));
    } catch (caught) {
      this.core.books.log.error({ err: caught, decisionId: this.decisionId }, 'a refusal could not be recorded');
    }
  }

  private keep(record: DecidedRecord): Promise<boolean> {
    this.isRecorded = true;
    return keepDecision(this.core, record);
  }

  private async deny(denial: Denial): Promise<void> {
    if (this.entered) this.core.calls.leave(this.request.binding.identity.identityId);
    await this.giveBack();
    this.core.books.metrics?.callEnded(denial.outcome, denial.reasonCode);
    this.tell(denial);
  }

  /** Units that a store cannot take back now are lost to the caller, its answer is not. */
  private async giveBack(): Promise<void> {
    const { asks } = this.taken;
    if (asks.length === 0) return;
    try {
      await this.core.books.counters.release(asks);
    } catch (caught) {
      this.core.books.log.error({ err: caught, decisionId: this.decisionId }, 'units of a call could not be given back');
    }
  }

  private tell(denial: Denial): void {
    const { exchange } = this.request;
    const { httpStatus, body } = denialAnswer(this.request, denial, this.decisionId);
    const isCrowded = denial.reasonCode === 'too_many_calls';
    answer(exchange.response, exchange.requestId, isCrowded ? { status: 429, body, headers: { 'retry-after': 1 } } : { status: httpStatus, body });
  }

  private noteLimit(ask: LimitAsk): void {
    const { binding, frame, exchange } = this.request;
    const call = { binding, decisionId: this.decisionId, tool: frame.name, sourceIp: exchange.sourceIp, clientName: clientNameOf(this.request) };
    this.core.books.notes.limitTripped(call, ask, binding.counterKeys.keyOf(ask));
  }

  private enter(): void {
    this.core.calls.enter(this.request.binding.identity.identityId);
    this.entered = true;
  }

  /** What the policy keeps of this call's arguments; of one that no policy looked at nothing is. */
  private sealedArguments(): string | null {
    const { binding, frame } = this.request;
    if (!this.isJudged || frame.argsBytes === 0) return null;
    const tool = frame.name ?? '';
    const level = recordLevel(binding, tool);
    if (level === 'digest') return null;
    return sealArguments(this.core.secretBox, binding, { decisionId: this.decisionId, tool, args: frame.args, argsBytes: frame.argsBytes }, level);
  }

  /** What fails of a version in shadow changes nothing for the call. */
  private shadows(): readonly ShadowDisagreement[] {
    const { binding } = this.request;
    const { policy, shadow } = binding;
    if (shadow === null || policy === null || !this.isJudged) return NO_SHADOWS;
    try {
      const found = shadowVerdicts({ enforced: policy, shadow }, toolCallOf(binding, this.facts()));
      for (const { relation } of found) this.core.books.metrics?.shadowDisagreed(relation);
      return found;
    } catch (caught) {
      this.core.books.log.error({ err: caught, decisionId: this.decisionId }, 'a version in shadow could not be asked');
      return NO_SHADOWS;
    }
  }

  private recordOf(decision: CallDecision): DecidedRecord {
    const { binding, frame, kind, session, exchange } = this.request;
    const definition = kind.methodClass === 'tool_call' ? binding.server.approved?.byName.get(frame.name ?? '') : undefined;
    const recorded = {
      decisionId: this.decisionId,
      at: this.at,
      binding,
      frame,
      definitionHash: definition?.hash ?? null,
      protocolVersion: kind.protocolVersion,
      sessionId: session?.id ?? null,
      clientName: clientNameOf(this.request),
      sourceIp: exchange.sourceIp,
      requestId: exchange.requestId,
      policyAgeMs: knowledgeAgeMs(this.core.store.stamp, this.at),
      marks: this.marks,
    };
    return decidedRecord(recorded, decision, { charges: this.taken.charges, hashes: this.core.hashes, sealedArguments: this.sealedArguments(), shadows: this.shadows() });
  }
}
