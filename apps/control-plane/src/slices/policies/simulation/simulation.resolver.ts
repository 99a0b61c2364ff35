import { Inject } from '@nestjs/common';
import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';

import type { RequestContext } from '../../../platform/graphql/request-context.js';
import { RequireRole } from '../../../platform/identity/require-role.js';
import { SimulatePolicy, type SimulatePolicyInput } from './simulate-policy.js';

/** Simulations in GraphQL. */
@Resolver()
export class SimulationResolver {
  constructor(@Inject(SimulatePolicy) private readonly simulations: SimulatePolicy) {}

  @Subscription('simulatePolicy')
  @RequireRole('viewer')
  simulate(@Context() context: RequestContext, @Args('input') input: SimulatePolicyInput) {
    return this.simulations.run(context, input);
  }
}
