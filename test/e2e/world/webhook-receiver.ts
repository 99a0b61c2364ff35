import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { listenOnLoopback, readBody, type LoopbackServer } from '@sallyport/test-support';
import { Webhook } from 'standardwebhooks';

/** An audit event as a receiver reads it. */
export interface ReceivedEvent {
  readonly event_id: string;
  readonly seq: number;
  readonly type: string;
  readonly mcp?: { readonly tool?: string };
}

/** A batch that came with a right signature. */
export interface ReceivedBatch {
  readonly id: string;
  readonly isReplay: boolean;
  readonly events: readonly ReceivedEvent[];
}

/** A receiver of webhooks as a customer writes one: verified by the library of Standard Webhooks, nothing of ours in it. */
export class WebhookReceiver {
  /** What it took, batch by batch; nothing that it refused. */
  readonly taken: ReceivedBatch[] = [];
  /** Requests whose signature was not right. */
  forged = 0;
  /** All that ever came, headers too, but for the credential that is the receiver's own. */
  bytes = '';
  /** Whether it refuses every credential, and says it back. */
  isBarred = false;
  private refused: (event: ReceivedEvent) => boolean = () => false;
  private server: LoopbackServer | undefined;

  private constructor(readonly secret: string) {}

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(`whsec_${randomBytes(32).toString('base64')}`);
    receiver.server = await listenOnLoopback((request, response) => void receiver.answer(request, response));
    return receiver;
  }

  get url(): string {
    return `${this.server?.origin ?? ''}/audit`;
  }

  /** From now on answers 400 to every batch with such an event. */
  refuse(refused: (event: ReceivedEvent) => boolean): void {
    this.refused = refused;
  }

  /** Events that came in their turn, not by a replay, in the order in which they came. */
  get events(): readonly ReceivedEvent[] {
    return this.taken.filter(({ isReplay }) => !isReplay).flatMap(({ events }) => events);
  }

  /** Places in the stream, each where it came for the first time. */
  get firstSeqs(): readonly number[] {
    return [...new Set(this.events.map(({ seq }) => seq))];
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const { authorization, ...headers } = request.headers;
    this.bytes += `${JSON.stringify(headers)}\n${body}\n`;
    if (this.isBarred) return void response.writeHead(401, { 'www-authenticate': String(authorization) }).end(`Not with ${authorization ?? 'nothing'}: ${body}`);
    if (!this.isGenuine(request, body)) {
      this.forged += 1;
      response.writeHead(401).end();
    } else if (request.headers['content-type'] === 'application/json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ challenge: (JSON.parse(body) as { challenge: string }).challenge }));
    } else {
      response.writeHead(this.take(request, body) ? 204 : 400).end();
    }
  }

  private isGenuine({ headers }: IncomingMessage, body: string): boolean {
    const signed = Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, String(headers[name])]));
    try {
      new Webhook(this.secret).verify(body, signed, { jsonParse: false });
      return true;
    } catch {
      return false; // what the library refuses is forged, whatever it says
    }
  }

  private take({ headers }: IncomingMessage, body: string): boolean {
    const events = body.trimEnd().split('\n').map((line) => JSON.parse(line) as ReceivedEvent);
    if (events.some((event) => this.refused(event))) return false;
    this.taken.push({ id: String(headers['webhook-id']), isReplay: headers['sallyport-replay'] === 'true', events });
    return true;
  }
}
