import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { TestGateway, type TestOrganisation } from '@sallyport/gateway/testing';
import { branded, type ServerId, type Sha256Hex } from '@sallyport/kernel';
import { admitTools, readJson } from '@sallyport/mcp-protocol';
import { DEFAULT_LIMITS, type OperatorFile } from '@sallyport/operator-file';
import { listenOnLoopback, type LoopbackServer } from '@sallyport/test-support';
import { EgressGuard, inspectServer } from '@sallyport/upstream';

/** A way to an upstream through the gateway, for one client. */
export interface GatewayRoute {
  /** Of the gateway; wants the token. */
  readonly url: string;
  readonly token: string;
}

const LOOPBACK: OperatorFile = {
  stdio: [],
  egress: { allow: [{ cidr: '127.0.0.0/8' }, { cidr: '::1/128' }], ports: [] },
  limits: DEFAULT_LIMITS,
  sinks: [],
};
const ALLOW_ALL = { version: '1', default: 'allow', tools: {} };

/** A gateway that lets everything through, so that whatever is missing behind it was lost and not denied. */
export class PermissiveGateway {
  private readonly guard = new EgressGuard(LOOPBACK.egress);
  private readonly doors: LoopbackServer[] = [];
  private routes = 0;

  private constructor(readonly inner: TestGateway) {}

  /** Starts one on a free loopback port. */
  static async start(): Promise<PermissiveGateway> {
    return new PermissiveGateway(await TestGateway.start({ parts: { operatorFile: LOOPBACK } }));
  }

  /**
   * Registers an upstream as a control plane would: lists it, admits its tools one by one, and grants a client the use of it
   * under a policy that allows everything. The organisation is one of its own.
   *
   * @param listed false: the server is known and not looked at yet, so that it hears from its client alone.
   */
  async route(upstreamUrl: string, listed = true): Promise<GatewayRoute> {
    this.routes += 1;
    const slug = `route-${this.routes}`;
    const organisation = await this.inner.organisation(slug);
    const serverId = await organisation.registerHttp(slug, upstreamUrl);
    if (listed) await this.list(organisation, slug, { serverId, url: upstreamUrl });
    const [identityId, policyId] = [await organisation.createIdentity(), await organisation.publish(ALLOW_ALL)];
    const { token } = await organisation.grant({ identityId, serverId, policyId });
    return { url: this.inner.urlOf(slug), token };
  }

  /**
   * The same route for a client that cannot be given a token: a listener of its own before the same gateway, which gives each
   * request the token and touches nothing else of it. Answers its address.
   */
  async openDoor({ url, token }: GatewayRoute): Promise<string> {
    const door = await listenOnLoopback((request, response) => this.inner.gateway.handle(withToken(request, token), response));
    this.doors.push(door);
    return `${door.origin}${new URL(url).pathname}`;
  }

  /** Stops it and every door. */
  async stop(): Promise<void> {
    for (const door of this.doors) await door.close();
    await this.inner.stop();
  }

  private async list(organisation: TestOrganisation, slug: string, server: { readonly serverId: ServerId; readonly url: string }): Promise<void> {
    const scope = { organisationId: organisation.id, organisationSlug: slug };
    const inspected = await inspectServer({ kind: 'http', url: server.url, headers: [], guard: this.guard, scope });
    if (!inspected.ok) throw new Error(`the upstream could not be listed: ${inspected.refusal.message}`);
    const { eras, protocolVersions, serverInfo, tools } = inspected.value;
    const data = { serverId: server.serverId, eras, protocolVersions, serverInfo, ...admitTools(tools.map(parsed), sha256Hex) };
    await organisation.append({ kind: 'server', id: server.serverId }, { type: 'server.tools_approved', version: 1, data });
  }
}

function withToken(request: IncomingMessage, token: string): IncomingMessage {
  request.rawHeaders.push('Authorization', `Bearer ${token}`);
  return request;
}

function parsed(definition: string): unknown {
  const read = readJson(Buffer.from(definition));
  if (!read.ok) throw new Error('the upstream listed what is no JSON');
  return read.value;
}

function sha256Hex(text: string): Sha256Hex {
  return branded<Sha256Hex>(createHash('sha256').update(text).digest('hex'));
}
