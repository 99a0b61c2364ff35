import { Inject, Injectable } from '@nestjs/common';
import type { TokenId } from '@sallyport/kernel';
import { GraphQLError } from 'graphql';

import { Authenticator } from '../identity/authenticator.js';
import type { Caller } from '../identity/caller.js';
import { meets, type Requirement } from '../identity/require-role.js';
import { signInError } from '../identity/sign-in-error.js';
import { ControlPlaneMetrics } from '../telemetry/control-plane-metrics.js';
import type { RequestContext } from './request-context.js';
import { GRAPHQL_LIMITS } from './request-limits.js';

/** Whom an open stream is for. */
export interface StreamSlot {
  readonly caller: Caller;
  /** Whether the reader may still be told things; an error says why not. Asked before anything is delivered. */
  stillAllowed(): Promise<GraphQLError | undefined>;
  /** Gives the place back. Once. */
  leave(): void;
}

/** Gives places to open subscriptions: so many to each token. */
@Injectable()
export class StreamSlots {
  private readonly open = new Map<TokenId, number>();

  constructor(
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
  ) {}

  /**
   * @param requirement What the reader has to meet as long as the stream is open.
   * @throws {GraphQLError} `too_many_streams` beyond `GRAPHQL_LIMITS.streamsPerToken`, `unauthenticated` without a caller.
   */
  take(context: RequestContext, requirement: Requirement = 'viewer'): StreamSlot {
    const { caller } = context;
    if (caller === undefined) throw signInError('unauthenticated');
    this.count(caller.tokenId, 1);
    return { caller, stillAllowed: () => this.stillAllowed(context, requirement), leave: () => this.count(caller.tokenId, -1) };
  }

  private count(tokenId: TokenId, change: 1 | -1): void {
    const open = (this.open.get(tokenId) ?? 0) + change;
    if (open > GRAPHQL_LIMITS.streamsPerToken) {
      throw new GraphQLError(`A token may have ${GRAPHQL_LIMITS.streamsPerToken} streams open.`, { extensions: { code: 'too_many_streams' } });
    }
    if (open === 0) this.open.delete(tokenId);
    else this.open.set(tokenId, open);
    this.metrics.streams.inc(change);
  }

  private async stillAllowed({ caller, credentials }: RequestContext, requirement: Requirement): Promise<GraphQLError | undefined> {
    if (credentials === undefined) return signInError('unauthenticated');
    const again = await this.authenticator.authenticate(credentials);
    if (!again.ok) return signInError(again.refusal);
    const same = again.value.organisationId === caller?.organisationId;
    return same && meets(again.value, requirement) ? undefined : signInError('forbidden');
  }
}
