import { Inject, Injectable } from '@nestjs/common';
import type { TokenId } from '@sallyport/kernel';
import { GraphQLError } from 'graphql';

import type { RequestContext } from '../../../platform/graphql/request-context.js';
import { GRAPHQL_LIMITS } from '../../../platform/graphql/request-limits.js';
import { Authenticator } from '../../../platform/identity/authenticator.js';
import { meets } from '../../../platform/identity/require-role.js';
import { signInError } from '../../../platform/identity/sign-in-error.js';
import { ControlPlaneMetrics } from '../../../platform/telemetry/control-plane-metrics.js';
import type { DecisionFilter } from '../read/decision-filter.js';
import { DecisionHub } from './decision-hub.js';
import { DecisionStream } from './decision-stream.js';

/** Opens subscriptions to decisions and counts those of each token. */
@Injectable()
export class OpenDecisionStream {
  private readonly open = new Map<TokenId, number>();

  constructor(
    @Inject(DecisionHub) private readonly hub: DecisionHub,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(ControlPlaneMetrics) private readonly metrics: ControlPlaneMetrics,
  ) {}

  /** @throws {GraphQLError} `too_many_streams` beyond `GRAPHQL_LIMITS.streamsPerToken`. */
  run(context: RequestContext, filter: DecisionFilter): DecisionStream {
    const { caller } = context;
    if (caller === undefined) throw signInError('unauthenticated');
    this.count(caller.tokenId, 1);
    return new DecisionStream({
      filter,
      listen: (listener) => this.hub.listen(caller.organisationId, listener),
      stillAllowed: () => this.stillAllowed(context),
      onEnd: () => this.count(caller.tokenId, -1),
    });
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

  private async stillAllowed({ caller, credentials }: RequestContext): Promise<GraphQLError | undefined> {
    if (credentials === undefined) return signInError('unauthenticated');
    const again = await this.authenticator.authenticate(credentials);
    if (!again.ok) return signInError(again.refusal);
    const same = again.value.organisationId === caller?.organisationId;
    return same && meets(again.value, 'viewer') ? undefined : signInError('forbidden');
  }
}
