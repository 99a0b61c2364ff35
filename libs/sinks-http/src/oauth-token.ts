import { ok, refuse, type Result } from '@sallyport/kernel';
import type { Delivery, SinkTools } from '@sallyport/sinks';

import type { HttpAnswer, HttpClient } from './http-client.js';
import { jsonAnswer } from './json-answer.js';
import { later, statusDelivery } from './status-delivery.js';

/** A token is renewed so long before it ends, milliseconds. */
export const RENEW_BEFORE_MS = 300_000;

const MAX_TOKEN = 16_384;

/** How to ask for an access token: a form to post, made anew for each request. */
export interface TokenGrant {
  readonly client: HttpClient;
  readonly path: string;
  form(): Promise<Readonly<Record<string, string>>>;
  /** What a person is told when the credential is refused. */
  readonly advice: string;
}

/** Access tokens of one credential (RFC 6749, 4.4 and RFC 7523): asked for through the guarded network, kept, and renewed before they end. */
export class OauthTokens {
  private kept: { readonly token: string; readonly untilMs: number } | null = null;

  constructor(
    private readonly grant: TokenGrant,
    private readonly tools: SinkTools,
  ) {}

  /** A token that is good for some minutes. */
  async token(signal: AbortSignal): Promise<Result<string, Delivery>> {
    if (this.kept !== null && this.tools.clock.monotonicMs() < this.kept.untilMs) return ok(this.kept.token);
    const { client, path } = this.grant;
    const body = new URLSearchParams(await this.grant.form()).toString();
    const answered = await client.post({ path, headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }, body, needsBody: true }, signal);
    return answered.ok ? this.keep(answered.value) : answered;
  }

  /** Drops the token that is kept: the receiver has refused it. */
  forget(): void {
    this.kept = null;
  }

  private keep(answer: HttpAnswer): Result<string, Delivery> {
    if (answer.status !== 200) return refuse(this.refusal(answer));
    const said = jsonAnswer(answer);
    const token = said?.['access_token'];
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token) || token.length > MAX_TOKEN) return refuse(later(answer, 'The authority answered without an access token.'));
    const seconds = Number(said?.['expires_in'] ?? 0);
    const lastsMs = Number.isFinite(seconds) ? seconds * 1_000 : 0;
    this.kept = { token, untilMs: this.tools.clock.monotonicMs() + Math.max(0, lastsMs - RENEW_BEFORE_MS) };
    return ok(token);
  }

  /** Authorities answer 400 to a wrong client, a wrong key and a wrong tenant alike. */
  private refusal(answer: HttpAnswer): Delivery {
    const { advice } = this.grant;
    if (answer.status !== 400) return statusDelivery(answer, { auth: advice, address: advice });
    return { kind: 'paused', cause: 'auth', reason: 'The authority refuses the credential (HTTP 400).', advice };
  }
}

/** Sends with a token; one that is refused is dropped and asked for again once. */
export async function sendWithToken(tokens: OauthTokens, send: (token: string) => Promise<Result<HttpAnswer, Delivery>>, signal: AbortSignal): Promise<Result<HttpAnswer, Delivery>> {
  for (const last of [false, true]) {
    const token = await tokens.token(signal);
    if (!token.ok) return token;
    const answered = await send(token.value);
    if (last || !answered.ok || answered.value.status !== 401) return answered;
    tokens.forget();
  }
  return refuse({ kind: 'unavailable', reason: 'The receiver took no token.' });
}
