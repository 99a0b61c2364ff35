import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  AdminClient,
  CreateIdentityDocument,
  IssueGrantDocument,
  ListDecisionsDocument,
  PublishPolicyDocument,
  ReadRevisionDocument,
  RegisterServerDocument,
  type DecisionFieldsFragment,
  type DecisionFilter,
} from '@sallyport/graphql-contract';
import { mcpClient, type McpClient } from '@sallyport/test-support';
import { vi } from 'vitest';

import { accepted } from './accepted.js';
import { Child, SALLYPORT, START_DISTRIBUTED, run, type Run, type StartLine } from './child.js';
import { removeFolder, temporaryFolder } from './temporary-folder.js';

/** How a deployment is started. */
export interface WorldOptions {
  /** The demonstration data of a first run; left out unless asked for. */
  readonly demo?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Text of `sallyport.yaml`; without it the first start writes its own. */
  readonly operatorFile?: string;
  /** The Node that runs it; this one unless said. */
  readonly node?: string;
  /** Mode of the folder that everything is in. */
  readonly folderMode?: number;
  /** With so many workers over Kafka, PostgreSQL and Redis; without it the embedded deployment. */
  readonly workers?: number;
}

/** A grant as its holder knows it. */
export interface Access {
  readonly grantId: string;
  readonly token: string;
  readonly url: string;
  readonly slug: string;
  readonly policy: string;
  readonly identity: string;
  readonly revision: number;
}

/** What `open` makes a grant for. A server of the operator's file has no `url`. */
export interface Opening {
  readonly slug: string;
  readonly url?: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  readonly policy: string | object;
}

/** An operator's file that lets loopback be reached, with further parts. */
export function operatorFile(more: string = ''): string {
  return `egress:\n  allow: [127.0.0.0/8, "::1/128"]\n${more}`;
}

/**
 * A real deployment in a process of its own: the command line, the embedded PostgreSQL, the one address. Tests reach it as
 * customers do: the admin API, MCP clients, the CLI, signals.
 */
export class World {
  private names = 0;

  private constructor(
    readonly folder: string,
    private readonly options: WorldOptions,
    private child: Child,
  ) {}

  /** Starts a deployment in a new folder and waits until it is ready. */
  static async start(options: WorldOptions = {}): Promise<World> {
    const folder = temporaryFolder(options.folderMode);
    if (options.operatorFile !== undefined) writeFileSync(join(folder, 'sallyport.yaml'), options.operatorFile);
    const world = new World(folder, options, launch(folder, options));
    try {
      await world.ready();
      return world;
    } catch (caught) {
      await world.end();
      throw caught;
    }
  }

  get dataFolder(): string {
    return join(this.folder, 'data');
  }

  /** The process that runs now. */
  get process(): Child {
    return this.child;
  }

  /** What the present start wrote to stdout. */
  get lines(): readonly StartLine[] {
    return this.child.lines;
  }

  get url(): string {
    return String(this.lines.find(({ event }) => event === 'ready')?.['url']);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get adminToken(): string {
    return (JSON.parse(readFileSync(join(this.dataFolder, 'cli.json'), 'utf8')) as { token: string }).token;
  }

  /** The admin API as the first run's operator. */
  get admin(): AdminClient {
    return new AdminClient({ url: this.url, token: this.adminToken });
  }

  /** Resolves with the `ready` line of the present start. */
  ready(): Promise<StartLine> {
    return this.child.until('ready');
  }

  /** Runs the CLI beside the deployment's folder, as its owner. */
  cli(args: readonly string[], options: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {}): Promise<Run> {
    const env = { SALLYPORT_DATA: this.dataFolder, HOME: this.folder, ...options.env };
    return run(process.execPath, [SALLYPORT, ...args], { cwd: this.folder, env, ...(options.stdin === undefined ? {} : { stdin: options.stdin }) });
  }

  /** Starts again on the same data; the process before must have ended. */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    this.child = launch(this.folder, { ...this.options, env: { ...this.options.env, ...env } });
    await this.ready();
  }

  /** Asks for a stop, and answers the exit code. */
  async stop(): Promise<number | null> {
    return (await this.child.end('SIGTERM')).code;
  }

  /** Ends the process, and it alone, without a word: its PostgreSQL goes on. */
  async kill9(): Promise<void> {
    await this.child.end('SIGKILL');
  }

  /** Stops what runs and removes everything. */
  async end(): Promise<void> {
    if (this.child.isRunning) await this.stop();
    await this.child.sweep();
    removeFolder(this.folder);
  }

  /** A name that no other object of this world has. */
  name(prefix: string): string {
    this.names += 1;
    return `${prefix}-${this.names}`;
  }

  /** Registers the server if it has an address, publishes the policy, and grants a new identity the use of the one under the other. */
  async open(opening: Opening): Promise<Access> {
    const { slug, url, headers = [] } = opening;
    if (url !== undefined) accepted((await this.admin.run(RegisterServerDocument, { input: { slug, url, headers: [...headers] } })).registerServer);
    const policy = this.name('policy');
    await this.publish(policy, opening.policy);
    return this.grant(slug, policy);
  }

  /** Publishes a version of a policy and waits until it is in force. */
  async publish(name: string, document: string | object): Promise<number> {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    const { publishPolicy } = await this.admin.run(PublishPolicyDocument, { input: { name, document: text, waitFor: 'ENFORCED' } });
    return accepted(publishPolicy).version;
  }

  /** Issues a grant to a new identity, or one that exists, and waits until it is in force. */
  async grant(slug: string, policy: string, other: { readonly identity?: string; readonly expiresAt?: string } = {}): Promise<Access> {
    const identity = other.identity ?? (await this.identity());
    const input = { identity, server: slug, policy, waitFor: 'ENFORCED' as const, ...(other.expiresAt === undefined ? {} : { expiresAt: other.expiresAt }) };
    const { grantId, token, url, revision } = accepted((await this.admin.run(IssueGrantDocument, { input })).issueGrant);
    return { grantId, token: String(token), url, slug, policy, identity, revision };
  }

  /** Creates an agent. */
  async identity(): Promise<string> {
    const name = this.name('agent');
    accepted((await this.admin.run(CreateIdentityDocument, { input: { name, kind: 'agent', labels: [] } })).createIdentity);
    return name;
  }

  /** An MCP client of the grant, of the legacy era unless said. */
  client(access: Pick<Access, 'url' | 'token'>, era: 'legacy' | 'modern' = 'legacy'): Promise<McpClient> {
    return mcpClient(access.url, access.token, era);
  }

  /** Asks for decisions until what is there passes; they are stored moments after they are made. */
  async decisions(filter: DecisionFilter, isComplete: (found: readonly DecisionFieldsFragment[]) => boolean): Promise<readonly DecisionFieldsFragment[]> {
    const look = async (): Promise<readonly DecisionFieldsFragment[]> => {
      const { nodes } = (await this.admin.run(ListDecisionsDocument, { first: 100, after: null, filter })).decisions;
      if (!isComplete(nodes)) throw new Error(`not what was waited for: ${JSON.stringify(nodes)}`);
      return nodes;
    };
    return vi.waitFor(look, { timeout: 20_000, interval: 50 });
  }

  /** The organisation's newest revision. */
  async revision(): Promise<number> {
    return (await this.admin.run(ReadRevisionDocument, {})).revision;
  }

  /** The HTTP status of `/readyz`. */
  async readiness(): Promise<number> {
    return (await fetch(new URL('/readyz', this.url))).status;
  }
}

function launch(folder: string, options: WorldOptions): Child {
  const command = options.workers === undefined ? [SALLYPORT, 'start'] : [START_DISTRIBUTED, '--workers', String(options.workers)];
  const args = [...command, '--json', '--listen', '127.0.0.1:0', '--data', join(folder, 'data'), '--config', join(folder, 'sallyport.yaml')];
  return Child.start(options.node ?? process.execPath, options.demo === true ? args : [...args, '--no-demo'], { ...(options.env === undefined ? {} : { env: options.env }) });
}
