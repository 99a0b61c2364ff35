import { cutText } from '@sallyport/audit-event';
import { RPC_CODES, rpcError } from '@sallyport/mcp-protocol';

import type { GatewayCore } from '../gateway-core.js';
import { answer } from '../http/client-answer.js';
import { admitUnrecorded, type AdmittedRequest } from '../pipeline/admit-request.js';
import { denialAnswer } from '../pipeline/answer-denial.js';
import { ownDenial, type Denial } from '../pipeline/decision.js';
import { mayForward } from '../pipeline/may-forward.js';
import { clientNameOf, type PostedRequest } from '../pipeline/posted-message.js';
import { servedRevisions } from '../snapshot/served-revisions.js';
import { HeldAnswer, type HeldEnding } from '../upstream/held-answer.js';
import type { HttpWay } from '../upstream/http-targets.js';
import { postRequest } from '../upstream/upstream-request.js';
import { shownIntroduction } from './shown-introduction.js';

const MAX_CLIENT_NAME = 256;

/**
 * Answers `initialize` and `server/discover` with what the server says of itself, less the capabilities that this grant's
 * policy leaves out. A legacy client gets a session of the gateway's own, whatever the upstream keeps.
 */
export function introduceClient(core: GatewayCore, request: PostedRequest): Promise<void> | undefined {
  const { binding, kind, id, exchange } = request;
  const served = servedRevisions(binding.server);
  if (kind.methodClass === 'initialize' && !served.some((revision) => !core.isModern(revision))) {
    const data = { supported: [...served], ...(request.frame.askedVersion === null ? {} : { requested: request.frame.askedVersion }) };
    const error = { code: RPC_CODES.unsupportedProtocolVersion, message: 'This server speaks only revisions of the protocol without initialize.', data };
    return void answer(exchange.response, exchange.requestId, { status: 400, body: rpcError({ id, era: kind.era }, error).body });
  }
  return admitUnrecorded(core, request, introduceAdmitted);
}

function introduceAdmitted(core: GatewayCore, admitted: AdmittedRequest): void {
  const { binding, exchange } = admitted.request;
  const introduction = new Introduction(core, admitted);
  if (binding.server.upstream.kind === 'stdio') return core.supervise(exchange, introduction.fromProcess());
  const way = core.ways.of(binding.organisation, binding.server);
  if (typeof way === 'string') introduction.ended({ kind: 'failed', failure: 'egress' });
  else introduction.fromHttp(way);
}

class Introduction {
  readonly deadlineMs: number;
  place = -1;
  private held: HeldAnswer | undefined;
  private over = false;

  constructor(
    private readonly core: GatewayCore,
    private readonly admitted: AdmittedRequest,
  ) {
    this.deadlineMs = core.books.clock.monotonicMs() + admitted.request.binding.server.timeoutMs;
    core.calls.watch(this);
  }

  onDeadline(): void {
    this.held?.reader.abort();
    this.ended({ kind: 'failed', failure: 'timeout' });
  }

  fromHttp(way: HttpWay): void {
    const { exchange, binding, body, id } = this.admitted.request;
    const { timeoutMs } = binding.server;
    this.held = new HeldAnswer(id, () => mayForward(this.core, binding) === null, (ending) => this.ended(ending));
    const forwarded = { way, exchange, upstreamSessionId: null, timeoutMs, idleMs: timeoutMs };
    this.held.reader.call = way.upstream.dispatch(postRequest(forwarded, body), this.held.reader);
  }

  /** The shared process introduced itself to the gateway already; its clients get that introduction. */
  async fromProcess(): Promise<void> {
    const { binding, kind } = this.admitted.request;
    const introduced = await this.core.stdio.of(binding.organisation, binding.server.slug)?.introduce();
    if (introduced?.ok !== true || introduced.value.era !== kind.era) return this.ended({ kind: 'failed', failure: 'refused' });
    this.introduce(introduced.value.result, null);
  }

  ended(ending: HeldEnding): void {
    if (this.over) return;
    if (ending.kind === 'response' && ending.summary.kind === 'result') {
      const { server } = this.admitted.request.binding;
      if (this.admitted.request.kind.methodClass === 'initialize') this.core.introductions.note(server, ending.session !== null);
      return this.introduce(ending.message, ending.session);
    }
    if (ending.kind === 'response') return this.reply(ending.httpStatus, ending.message);
    if (ending.kind === 'refused') return this.unanswered(`The server refused the request with HTTP status ${ending.status}.`);
    if (ending.failure === 'timeout') return this.unanswered('The server did not answer in time.');
    if (ending.failure === 'foreign' || ending.failure === 'reset' || ending.failure === 'too_large') return this.unanswered('The server did not answer properly.');
    const { exchange, binding } = this.admitted.request;
    this.core.calls.unwatch(this);
    this.core.supervise(exchange, this.refuse(mayForward(this.core, binding) ?? ownDenial('server_unavailable')));
  }

  private async refuse(denial: Denial): Promise<void> {
    const { request, decisionId, waved } = this.admitted;
    await waved?.keepRefusal(denial);
    const own = denialAnswer(request, denial, decisionId);
    this.reply(own.httpStatus, own.body);
  }

  private introduce(introduced: Buffer | string, upstreamSessionId: string | null): void {
    const { request } = this.admitted;
    const body = shownIntroduction(request, introduced);
    if (body === undefined) return this.unanswered('The server did not answer properly.');
    if (request.kind.methodClass === 'discover') return this.reply(200, body);
    const { frame, binding } = request;
    const session = this.core.sessions.begin(
      { binding, protocolVersion: frame.askedVersion, clientName: shortName(clientNameOf(request)), upstreamSessionId },
      this.core.books.clock.now(),
    );
    this.reply(200, body, { 'mcp-session-id': session.id });
  }

  private unanswered(message: string): void {
    const { id, kind } = this.admitted.request;
    const own = rpcError({ id, era: kind.era }, { code: RPC_CODES.upstreamFailed, message });
    this.reply(own.httpStatus, own.body);
  }

  private reply(status: number, body: Buffer | string, headers: Readonly<Record<string, string>> = {}): void {
    if (this.over) return;
    this.over = true;
    const { exchange, binding } = this.admitted.request;
    this.core.calls.unwatch(this);
    this.core.calls.leave(binding.identity.identityId);
    answer(exchange.response, exchange.requestId, { status, body, headers });
  }
}

function shortName(name: string | null): string | null {
  return name === null ? null : cutText(name, MAX_CLIENT_NAME);
}
