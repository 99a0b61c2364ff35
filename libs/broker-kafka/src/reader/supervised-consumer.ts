import { randomUUID } from 'node:crypto';

import { brokerFault } from '@sallyport/broker';
import type { Fault, Scheduler } from '@sallyport/kernel';
import type { Consumer, EachBatchPayload } from 'kafkajs';

import { RETRY, type Client, type KafkaClients } from '../kafka-clients.js';
import { NO_COORDINATOR, brokerFaultOf } from '../kafka-faults.js';
import { Pulse } from './pulse.js';

/** What a reader of a topic does with a consumer, each time it gets a new one. */
export interface ConsumerPlan {
  /** The topic's name in Kafka. */
  readonly topic: string;
  /** The group's name in Kafka; null takes a new one for each consumer. */
  readonly group: string | null;
  /** Whether records may wait at the broker for others, for `GATHER_MS`. */
  readonly gathers: boolean;
  /** What must be known before it reads; a rejection is a fault, and it is tried again. */
  prepare(): Promise<void>;
  /** Told each time partitions were given to it, before it reads from them: the place to say from where. */
  onJoined(partitions: readonly number[], seek: (partition: number, offset: bigint) => void): void;
  takeBatch(payload: EachBatchPayload): Promise<void>;
  onFault(fault: Fault): void;
}

/** A consumer that is running, and how it ended. */
interface Running {
  readonly client: Client;
  readonly consumer: Consumer;
  readonly ended: Promise<Fault>;
}

/** The least that brokers allow by default: so long a group waits for a member that died. */
const SESSION_TIMEOUT_MS = 6_000;
/** Nobody waits for a member that is alone in a group which nobody else will join. */
const LONE_SESSION_TIMEOUT_MS = 20_000;
/** So long a group waits for a member whose listener still works on a batch. */
const REBALANCE_TIMEOUT_MS = 30_000;
const HEARTBEAT_MS = 1_000;
/** A member that is alone in its group has no others to hear of: it only keeps its session. */
const LONE_HEARTBEAT_MS = 5_000;
/** A fetch that finds nothing comes back after this: each is a sign of life. */
const MAX_WAIT_MS = 1_000;
/** How long records wait for others where nobody is in a hurry for them. Each fetch costs an idle process as much as a stamp does; this leaves a pulse its room. */
const GATHER_MS = 2_500;
const MAX_FETCH_BYTES = 8 * 1024 * 1024;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 1_000;
/** How long a member may take to finish its batch and leave its group. */
const LEAVE_PATIENCE_MS = 10_000;

/**
 * Keeps a consumer on a topic until it is closed. kafkajs leaves a consumer dead after errors it holds for final, and alive but
 * deaf after some others; so whatever ends it, or when it gives no sign of life, a new one on new connections takes its place.
 */
export class SupervisedConsumer {
  private running: Running | null = null;
  private closed = false;
  private readonly closing: Promise<void>;
  private endClosing: () => void = () => undefined;
  private readonly loop: Promise<void>;

  constructor(
    private readonly clients: KafkaClients,
    private readonly plan: ConsumerPlan,
    private readonly scheduler: Scheduler,
  ) {
    this.closing = new Promise((resolve) => {
      this.endClosing = resolve;
    });
    this.loop = this.keepRunning();
  }

  /** Ends it: orderly, after the batch in hand, for a member of a shared group; at once for one that is alone in its group. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.plan.group !== null) await this.leave();
    this.endClosing();
    await this.loop;
  }

  private async leave(): Promise<void> {
    const left = this.running?.consumer.disconnect().catch(() => undefined); // the group puts out who could not say goodbye
    if (left === undefined) return;
    let callOff = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      callOff = this.scheduler.after(LEAVE_PATIENCE_MS, resolve);
    });
    await Promise.race([left, patience]);
    callOff();
  }

  private async keepRunning(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    let lastWasQuiet = false;
    while (!this.closed) {
      const pulse = new Pulse(this.scheduler, () => this.plan.onFault(brokerFault.unreachable(`nothing comes from ${this.plan.topic}: its broker does not answer`)));
      const fault = await this.runOne(pulse);
      pulse.stop();
      if (this.closed) return;
      const quiet: boolean = isFirstUse(fault) && !lastWasQuiet;
      lastWasQuiet = quiet;
      if (!quiet) this.plan.onFault(fault);
      pauseMs = pulse.everBeat ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LAST_PAUSE_MS);
      await this.pause(pauseMs);
    }
  }

  /** Runs one consumer to its end. */
  private async runOne(pulse: Pulse): Promise<Fault> {
    const client = this.clients.open();
    const closed = this.closing.then(() => brokerFault.closed('the reader was closed'));
    try {
      await Promise.race([this.plan.prepare(), closed]);
      if (this.closed) return await closed;
      this.running = this.consumer(client, pulse);
      return await Promise.race([this.running.ended, pulse.lost, closed]);
    } catch (error) {
      return brokerFaultOf(`reading ${this.plan.topic}`, error);
    } finally {
      client.sockets.end();
      void this.running?.consumer.disconnect().catch(() => undefined); // its connections are gone already
      this.running = null;
    }
  }

  private consumer(client: Client, pulse: Pulse): Running {
    const consumer = client.kafka.consumer({
      groupId: this.plan.group ?? `${this.plan.topic}.follow.${this.clients.clientId}.${randomUUID()}`,
      allowAutoTopicCreation: false,
      readUncommitted: true, // nobody's transaction can hold us up
      sessionTimeout: this.plan.group === null ? LONE_SESSION_TIMEOUT_MS : SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: this.plan.group === null ? LONE_HEARTBEAT_MS : HEARTBEAT_MS,
      maxWaitTimeInMs: this.plan.gathers ? GATHER_MS : MAX_WAIT_MS,
      minBytes: this.plan.gathers ? MAX_FETCH_BYTES : 1,
      maxBytes: MAX_FETCH_BYTES,
      retry: { ...RETRY, restartOnFailure: async () => false },
    });
    const ended = this.watch(consumer, pulse);
    return { client, consumer, ended };
  }

  /** Registers every listener before the consumer runs: the first GROUP_JOIN comes while `run` is under way. */
  private async watch(consumer: Consumer, pulse: Pulse): Promise<Fault> {
    const { topic } = this.plan;
    const crashed = new Promise<unknown>((resolve) => consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error)));
    consumer.on(consumer.events.FETCH, () => pulse.beat());
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      pulse.beat();
      this.plan.onJoined(payload.memberAssignment[topic] ?? [], (partition, offset) => consumer.seek({ topic, partition, offset: String(offset) }));
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: this.plan.group !== null,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => pulse.during(() => this.plan.takeBatch(payload)),
    });
    return brokerFaultOf(`reading ${topic}`, await crashed);
  }

  private async pause(ms: number): Promise<void> {
    let callOff = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      callOff = this.scheduler.after(ms, resolve);
    });
    await Promise.race([over, this.closing]);
    callOff();
  }
}

const FIRST_USE = new Set(['GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR_FOR_GROUP', NO_COORDINATOR]);

/** The first consumer of a new cluster, or of one that restarted, meets groups that are still being loaded: no failure. */
function isFirstUse(fault: Fault): boolean {
  return FIRST_USE.has(String(fault.data['kafka']));
}
