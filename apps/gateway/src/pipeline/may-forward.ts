import type { GatewayCore } from '../gateway-core.js';
import { isExpired, type GrantBinding } from '../snapshot/grant-binding.js';
import { gateOf } from './decide-call.js';
import { ownDenial, type Denial } from './decision.js';

/**
 * The last look before bytes leave, in one synchronous step with handing them to the socket: the grant still stands exactly as
 * it was decided by, and the worker is still fresh. `null` when the call may go. A worker that was stopped in mid-call and
 * resumed later is caught here.
 */
export function mayForward(core: GatewayCore, binding: GrantBinding): Denial | null {
  const now = core.books.clock.now();
  if (!core.bindings.isCurrent(binding) || isExpired(binding.entry, binding.grant, now)) return ownDenial('policy_stale');
  return gateOf(binding, core.store.stamp, now);
}
