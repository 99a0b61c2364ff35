import { afterEach, beforeEach } from 'vitest';

import { ScriptedUpstream, legacyServer } from './scripted-upstream.js';
import { TestGateway, type GrantWish, type TestGatewayOptions, type TestGrant } from './test-gateway.js';

/** A scripted upstream for each test of a suite, and before it the gateway that the test starts, with a grant. */
export class GuardedUpstream {
  private parts: { upstream?: ScriptedUpstream; gateway?: TestGateway; grant?: TestGrant } = {};

  get upstream(): ScriptedUpstream {
    return begun(this.parts.upstream);
  }

  get gateway(): TestGateway {
    return begun(this.parts.gateway);
  }

  get grant(): TestGrant {
    return begun(this.parts.grant);
  }

  async openUpstream(): Promise<void> {
    this.parts = { upstream: await ScriptedUpstream.start(legacyServer(false)) };
  }

  /** Starts the gateway and issues the grant. */
  async start(wish: GrantWish = {}, options: TestGatewayOptions = {}): Promise<void> {
    this.parts.gateway = await TestGateway.start(options);
    this.parts.grant = await this.gateway.grantFor({ url: this.upstream.url, ...wish });
  }

  async stop(): Promise<void> {
    await this.parts.gateway?.stop();
    await this.parts.upstream?.stop();
  }
}

/** Opens an upstream without sessions before each test of the suite that calls this, and stops everything after it. */
export function guardedUpstream(): GuardedUpstream {
  const world = new GuardedUpstream();
  beforeEach(() => world.openUpstream());
  afterEach(() => world.stop());
  return world;
}

function begun<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('the test has not started it');
  return part;
}
