// What customers do while things go wrong: calls at every worker, grants issued and revoked, grants with a hard limit used up.
import { setTimeout as pause } from 'node:timers/promises';

const SLUG = 'bench';
const TOOL = 'bench_tool';
const CALL_EVERY_MS = 60;
const MOST_OPEN = 200;
const CALL_TIMEOUT_MS = 60_000;
/** A revoked grant is still tried for so long. */
const TRIED_MS = 12_000;
const LIMIT = 40;
const LIMIT_EVERY_MS = 20_000;
const REASON = /"reasonCode":"([a-z_.]+)"/;
const BODY = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: TOOL, arguments: {} } });

export const OPEN = { version: '1', default: 'deny', tools: { [TOOL]: {} } };
export const LIMITED = { version: '1', default: 'deny', tools: { [TOOL]: { limits: [{ counter: 'uses', window: 'month', max: LIMIT }] } } };

/** Makes traffic until it is stopped. Everything is told to `write` as one line of a history. */
export class Traffic {
  /** @param parts { deployment, open, limited: policies' names, write, say } */
  constructor(parts) {
    this.parts = parts;
    this.grants = [];
    this.running = true;
    this.loops = [];
    /** What every call that has ended came to: `{ grant, verdict }`. */
    this.calls = [];
  }

  async start() {
    this.steady = await this.issue(this.parts.open);
    this.grants = [this.steady];
    this.loops = [...this.parts.deployment.workers.map((worker) => this.callAlways(worker)), this.revokeAlways(), this.limitAlways()];
  }

  /** No more is begun; resolves when all that was begun has ended. */
  async stop() {
    this.running = false;
    await Promise.all(this.loops);
  }

  /** Calls with the grant that nobody revoked, at every worker, which all must allow. */
  async callUndisturbed() {
    for (const worker of this.parts.deployment.workers) await this.call(worker, this.steady, 'allowed');
  }

  async issue(policy) {
    const { grantId, token } = await this.parts.deployment.grant(SLUG, policy, { waitFor: 'COMMITTED' });
    return { grantId, token, gone: false };
  }

  /** Begins calls by the clock, however soon they are answered: also at a worker that is stopped. */
  async callAlways(worker) {
    const open = new Set();
    for (let turn = 0; this.running; turn += 1) {
      const grant = this.grants[turn % this.grants.length];
      if (open.size < MOST_OPEN) {
        const calling = this.call(worker, grant, null).finally(() => open.delete(calling));
        open.add(calling);
      }
      await pause(CALL_EVERY_MS);
    }
    await Promise.all(open);
  }

  async call(worker, { grantId, token }, expected) {
    const beganMs = performance.now();
    const verdict = await this.verdict(`${worker.url}/mcp/${SLUG}`, token);
    this.calls.push({ grant: grantId, verdict });
    this.parts.write('call', { worker: worker.name, grant: grantId, organisation: 'own', beganMs, endedMs: performance.now(), verdict, expected });
    return verdict;
  }

  async verdict(url, token) {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${token}` };
    try {
      const response = await fetch(url, { method: 'POST', headers, body: BODY, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
      const text = await response.text();
      if (response.status !== 200) return String(response.status);
      return REASON.exec(text)?.[1] ?? (text.includes('"error":') ? 'error' : 'allowed');
    } catch {
      return 'broken'; // the worker was killed, or did not answer
    }
  }

  /** One grant after another: issued, used, revoked, tried. What fails while a fault is under way is begun anew. */
  async revokeAlways() {
    while (this.running) {
      try {
        const grant = await this.issue(this.parts.open);
        this.grants.push(grant);
        await pause(1_500);
        await this.revoke(grant);
        void pause(TRIED_MS).then(() => this.forget(grant));
      } catch (error) {
        this.tellFailure('a change', error);
        await pause(1_000);
      }
    }
  }

  /** Says so once for failures in a row that are the same but for their reference. */
  tellFailure(what, error) {
    const sentence = `        ${what} failed: ${String(error.message).replace(/ Reference: .*/, '').slice(0, 160)}`;
    if (sentence !== this.lastFailure) this.parts.say(sentence);
    this.lastFailure = sentence;
  }

  async revoke(grant) {
    const askedMs = performance.now();
    const { enforcement } = await this.parts.deployment.revoke(grant.grantId);
    this.parts.write('revocation', { grant: grant.grantId, askedMs, answeredMs: performance.now(), enforced: enforcement?.reached === true });
  }

  forget(grant) {
    this.grants = this.grants.filter((one) => one !== grant);
  }

  /** Every so often all workers are asked at once for more than a hard limit allows. */
  async limitAlways() {
    while (this.running) {
      try {
        const grant = await this.issue(this.parts.limited);
        this.parts.write('hardLimit', { grant: grant.grantId, max: LIMIT });
        const untilMs = performance.now() + LIMIT_EVERY_MS;
        while (this.running && performance.now() < untilMs) {
          await Promise.all(this.parts.deployment.workers.map((worker) => this.call(worker, grant, null)));
          await pause(200);
        }
      } catch (error) {
        this.tellFailure('a limited grant', error);
        await pause(1_000);
      }
    }
  }
}
