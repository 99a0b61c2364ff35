import { refuse } from '@sallyport/kernel';

import type { GuardedNetwork } from '../guarded-network.js';

/** A network that leads nowhere. */
export const unreachableNetwork: GuardedNetwork = {
  connect: async () => refuse({ kind: 'unreachable', message: 'this network leads nowhere' }),
};
