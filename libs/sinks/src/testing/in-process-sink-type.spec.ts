import { FakeClock, ManualScheduler } from '@sallyport/kernel/testing';

import { IN_PROCESS_SETTINGS, inProcessSinkType, InProcessReceiver } from './in-process-sink-type.js';
import { ORGANISATION } from './outgoing-events.js';
import { sinkTypeContract } from './sink-type.contract.js';
import { unreachableNetwork } from './unreachable-network.js';

for (const dedupes of [false, true]) {
  sinkTypeContract(`the sink within the process, ${dedupes ? 'deduping' : 'plain'}`, ['hang', 'refuseCredentials', 'busy', 'poison'], async () => {
    const receiver = new InProcessReceiver();
    return {
      type: inProcessSinkType(receiver, { dedupes }),
      configuration: { settings: IN_PROCESS_SETTINGS, credentials: { token: 'whsec_very_secret' }, format: 'native', formatVersion: null },
      tools: { network: unreachableNetwork, clock: new FakeClock(), scheduler: new ManualScheduler(), random: () => 0.5, sinkId: 'sink', organisationId: ORGANISATION },
      receiver,
    };
  });
}
