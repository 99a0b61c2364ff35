import { FAKE_CREDENTIALS } from './fake-dialects.js';
import { allOrNothing, type Dialect, type Hands, type Received, type Reply } from './fake-receiver.js';

/** What a HEC with acknowledgement does: `lose` says yes and never indexes, so that no acknowledgement turns true. */
export type AckMode = 'off' | 'indexes' | 'never' | 'lose';

/** A fake of Splunk's HTTP Event Collector, with HEC's own numbers for what is wrong. */
export class FakeSplunk implements Dialect {
  readonly unauthorised = { status: 403, body: '{"text":"Invalid token","code":4}' };
  acks: AckMode = 'off';
  /** How often it was asked for acknowledgements. */
  polls = 0;
  private nextAck = 0;
  private channels: ReadonlySet<string> = new Set();

  eventIds({ body, path }: Received): readonly string[] | null {
    return path === '/services/collector/event' ? eventsIn(body.toString()) : null;
  }

  take({ headers }: Received, ids: readonly string[], hands: Hands): Reply {
    const channel = headers['x-splunk-request-channel'];
    if (this.acks !== 'off' && channel === undefined) return { status: 400, body: '{"text":"Data channel is missing","code":10}' };
    const ack = this.acks === 'off' ? {} : { ackId: (this.nextAck += 1) - 1 };
    if (typeof channel === 'string') this.channels = new Set([...this.channels, channel]);
    const lost = { ...hands, keep: () => undefined };
    const taken = { status: 200, body: JSON.stringify({ text: 'Success', code: 0, ...ack }) };
    return allOrNothing(ids, this.acks === 'lose' ? lost : hands, { taken, unfit: { status: 400, body: '{"text":"Invalid data format","code":6,"invalid-event-number":0}' } });
  }

  other({ path, body }: Received): Reply {
    this.polls += 1;
    if (this.acks === 'off') return { status: 400, body: '{"text":"ACK is disabled","code":14}' };
    const channel = new URLSearchParams(path.split('?')[1]).get('channel') ?? '';
    if (!this.channels.has(channel)) return { status: 400, body: '{"text":"Invalid data channel","code":11}' };
    const { acks } = JSON.parse(body.toString()) as { acks: number[] };
    return { status: 200, body: JSON.stringify({ acks: Object.fromEntries(acks.map((ack) => [ack, this.acks === 'indexes'])) }) };
  }

  /** Starts anew: channels and what was not indexed are gone. */
  restart(): void {
    this.channels = new Set();
  }

  isAuthorised({ headers }: Received): boolean {
    return headers.authorization === `Splunk ${FAKE_CREDENTIALS.hecToken}`;
  }

  reset(): void {
    this.acks = 'off';
    this.polls = 0;
    this.restart();
  }
}

/** Ids of the objects that stand after each other without a separator. */
function eventsIn(text: string): readonly string[] {
  return text.split(/(?<=\})(?=\{"time":)/).map((object) => (JSON.parse(object) as { fields: { event_id: string } }).fields.event_id);
}
