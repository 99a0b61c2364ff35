import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { DecidedRecord, DecisionRecord, NotedRecord } from '@sallyport/audit';
import { MemoryJournal } from '@sallyport/audit/testing';
import { MemoryCounterStore } from '@sallyport/counter-store';
import { MemoryEventFeed, MemoryEventLog, type EventFeed } from '@sallyport/event-log';
import type { ProtocolEra } from '@sallyport/domain-events';
import type { IdentityId, PolicyId, ServerId } from '@sallyport/kernel';
import { FakeClock } from '@sallyport/kernel/testing';
import { DEFAULT_LIMITS, type OperatorFile, type OperatorLimits, type StdioEntry } from '@sallyport/operator-file';
import { AesSecretBox, HmacKeyedHashes, RootKey } from '@sallyport/secrets-aes';
import { pino } from 'pino';
import { Registry } from 'prom-client';

import { buildGateway, type Gateway } from '../gateway.js';
import type { GatewayParts } from '../gateway-parts.js';
import { TestOrganisation, type IssuedGrant } from './test-organisation.js';

/** More clients than any test has connect at once: on a busy machine the kernel resets those for whom its queue has no room. */
const BACKLOG = 2_048;

/** What a test gateway does differently from the usual. */
export interface TestGatewayOptions {
  /** What its clock says. */
  readonly wallMs?: number;
  readonly limits?: Partial<OperatorLimits>;
  readonly stdio?: readonly StdioEntry[];
  readonly parts?: Partial<GatewayParts>;
  /** What the gateway follows instead of the feed. */
  readonly feed?: (feed: EventFeed) => EventFeed;
  /** Serves without waiting until its state was read. */
  readonly early?: boolean;
  /** Called with each request after the gateway was. */
  readonly onRequest?: (request: IncomingMessage) => void;
}

/** What a grant in a test is for; what is not named is usual. */
export interface GrantWish {
  readonly organisation?: string;
  readonly settings?: Parameters<TestOrganisation['create']>[1];
  readonly slug?: string;
  /** The upstream's address; without one the server is of the operator's file. */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly tools?: Parameters<TestOrganisation['approve']>[1];
  readonly eras?: readonly ProtocolEra[];
  /** By default `echo` is allowed and everything else denied. */
  readonly policy?: object;
  readonly expiresInMs?: number;
}

/** A grant with all it stands on. */
export interface TestGrant extends IssuedGrant {
  readonly organisation: TestOrganisation;
  readonly serverId: ServerId;
  readonly identityId: IdentityId;
  readonly policyId: PolicyId;
  /** Where its client connects. */
  readonly url: string;
}

/** A whole gateway on a loopback port, over a log in memory, a clock that stands still and loopback upstreams. */
export class TestGateway {
  readonly clock: FakeClock;
  readonly log = new MemoryEventLog();
  readonly feed: MemoryEventFeed;
  readonly journal = new MemoryJournal();
  readonly metrics = new Registry();
  readonly fatal: unknown[] = [];
  readonly logged: string[] = [];
  readonly gateway: Gateway;
  private readonly server: Server;
  private readonly box: AesSecretBox;
  private readonly hashes: HmacKeyedHashes;

  private constructor(options: TestGatewayOptions) {
    this.clock = new FakeClock(options.wallMs);
    this.feed = new MemoryEventFeed(this.log, this.clock);
    const root = RootKey.parse('2a'.repeat(32));
    this.box = new AesSecretBox(root);
    this.hashes = new HmacKeyedHashes(root);
    const operatorFile: OperatorFile = { stdio: options.stdio ?? [], egress: { allow: [{ cidr: '127.0.0.0/8' }], ports: [] }, limits: { ...DEFAULT_LIMITS, ...options.limits }, sinks: [] };
    this.gateway = buildGateway({
      workerId: 'worker-1',
      feed: options.feed?.(this.feed) ?? this.feed,
      journal: this.journal,
      counters: new MemoryCounterStore(),
      secretBox: this.box,
      hashes: this.hashes,
      operatorFile,
      clock: this.clock,
      log: pino({ level: 'trace' }, { write: (line) => void this.logged.push(line) }),
      metrics: this.metrics,
      fatal: (error) => void this.fatal.push(error),
      ...options.parts,
    });
    this.server = createServer((request, response) => {
      this.gateway.handle(request, response);
      options.onRequest?.(request);
    });
  }

  /** Starts one. */
  static async start(options: TestGatewayOptions = {}): Promise<TestGateway> {
    const made = new TestGateway(options);
    const started = made.gateway.start();
    if (options.early !== true) await started;
    await new Promise<void>((resolve) => made.server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, resolve));
    return made;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The address of one server. */
  urlOf(slug: string): string {
    return `http://127.0.0.1:${this.port}/mcp/${slug}`;
  }

  /** A new organisation, created. */
  organisation(slug = 'acme', settings: Parameters<TestOrganisation['create']>[1] = {}): Promise<TestOrganisation> {
    return new TestOrganisation({ log: this.log, clock: this.clock, hashes: this.hashes, secretBox: this.box }).create(slug, settings);
  }

  /** Everything one client needs to call a server's tools: organisation, server, approved tools, identity, policy and grant. */
  async grantFor(what: GrantWish): Promise<TestGrant> {
    const organisation = await this.organisation(what.organisation, what.settings);
    const slug = what.slug ?? 'tools';
    const serverId = what.url === undefined ? await organisation.registerStdio(slug, what.timeoutMs) : await organisation.registerHttp(slug, what.url, { ...(what.headers === undefined ? {} : { headers: what.headers }), ...(what.timeoutMs === undefined ? {} : { timeoutMs: what.timeoutMs }) });
    await organisation.approve(serverId, what.tools ?? ['echo', 'other'], what.eras ?? ['legacy']);
    const identityId = await organisation.createIdentity();
    const policyId = await organisation.publish(what.policy ?? { version: '1', default: 'deny', tools: { echo: {} } });
    const issued = await organisation.grant({ identityId, serverId, policyId, ...(what.expiresInMs === undefined ? {} : { expiresInMs: what.expiresInMs }) });
    return { ...issued, organisation, serverId, identityId, policyId, url: this.urlOf(slug) };
  }

  /** What was recorded of calls, in order. */
  get records(): readonly DecisionRecord[] {
    return this.journal.records.flatMap(({ record }) => (record.kind === 'noted' ? [] : [record]));
  }

  /** What was noted besides, in order. */
  get notes(): readonly NotedRecord[] {
    return this.journal.records.flatMap(({ record }) => (record.kind === 'noted' ? [record] : []));
  }

  /** Opens what a record keeps of arguments. */
  argumentsOf(record: DecidedRecord, { organisation }: TestGrant): unknown {
    const context = { organisationId: record.organisationId, objectKind: 'decision', objectId: record.decisionId, field: 'arguments' };
    return record.sealedArguments === null ? null : (JSON.parse(this.box.open(context, organisation.wrappedKey, record.sealedArguments)) as unknown);
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
