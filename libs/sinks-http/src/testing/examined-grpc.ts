import type { Ability, ExaminedReceiver, ExaminedSinkType } from '@sallyport/sinks/testing';

import { otlpGrpc } from '../otlp-grpc.js';
import { FAKE_CREDENTIALS } from './fake-dialects.js';
import { FakeGrpcReceiver, type GrpcReceived, type GrpcReply } from './fake-grpc-receiver.js';
import { sinkTools } from './sink-tools.js';
import { statusWithRetry } from './status-with-retry.js';

/** What the fake over gRPC can be made to do. */
export const GRPC_ABILITIES: readonly Ability[] = ['hang', 'refuseCredentials', 'busy', 'poison'];

const [OK, INVALID_ARGUMENT, UNAVAILABLE, UNAUTHENTICATED] = [0, 3, 14, 16];

/** Starts a fake of an OTLP receiver over gRPC, for the exam of sinks. */
export async function examinedGrpc(): Promise<ExaminedSinkType> {
  const receiver = new ExaminedGrpc(await FakeGrpcReceiver.start());
  const credentials = { authorization: FAKE_CREDENTIALS.otlpAuthorization };
  return { type: otlpGrpc, configuration: { settings: { url: receiver.origin }, credentials, format: 'otlp', formatVersion: null }, tools: sinkTools(), receiver };
}

class ExaminedGrpc implements ExaminedReceiver {
  private arrivals: string[] = [];

  constructor(private readonly fake: FakeGrpcReceiver) {
    this.answer({ status: OK, message: new Uint8Array() });
  }

  get origin(): string {
    return this.fake.origin;
  }

  async reset(): Promise<void> {
    this.arrivals = [];
    this.answer({ status: OK, message: new Uint8Array() });
  }

  async arrived(count: number): Promise<readonly string[]> {
    await this.fake.until(() => this.arrivals.length >= count);
    return this.arrivals;
  }

  async kept(): Promise<readonly string[]> {
    return [...new Set(this.arrivals)];
  }

  away(): Promise<void> {
    return this.fake.away();
  }

  back(): Promise<void> {
    return this.fake.back();
  }

  async hang(): Promise<{ readonly reached: Promise<void> }> {
    const before = this.fake.received.length;
    this.fake.reply = 'hang';
    return { reached: this.fake.until(() => this.fake.received.length > before) };
  }

  async refuseCredentials(): Promise<void> {
    this.fake.reply = { status: UNAUTHENTICATED };
  }

  async busy(retryAfterSeconds: number): Promise<void> {
    this.fake.reply = { status: UNAVAILABLE, details: statusWithRetry(retryAfterSeconds) };
  }

  async poison(eventId: string): Promise<void> {
    this.fake.reply = (call) => (idsOf(call).includes(eventId) ? { status: INVALID_ARGUMENT } : this.taken(call, { status: OK, message: new Uint8Array() }));
  }

  unconnected(): Promise<void> {
    return this.fake.until(() => this.fake.connections === 0);
  }

  close(): Promise<void> {
    return this.fake.close();
  }

  private answer(reply: GrpcReply): void {
    this.fake.reply = (call) => this.taken(call, reply);
  }

  private taken(call: GrpcReceived, reply: GrpcReply): GrpcReply {
    this.arrivals.push(...idsOf(call));
    return reply;
  }
}

/** The body of each record is the event's own text. */
function idsOf({ message }: GrpcReceived): readonly string[] {
  return [...message.toString('latin1').matchAll(/"event_id":"([0-9a-f-]{36})"/g)].map(([, id = '']) => id);
}
