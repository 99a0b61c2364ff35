import { connect, type Socket } from 'node:net';

import { branded, ok, refuse, timerScheduler, type EpochMs, type Result } from '@sallyport/kernel';
import type { GuardedNetwork, NetworkRefusal, NetworkTarget, SinkTools } from '@sallyport/sinks';

/** A network without a guard and without TLS, for tests that talk to loopback, whatever the name of the host is. */
export class LoopbackNetwork implements GuardedNetwork {
  readonly targets: NetworkTarget[] = [];
  /** Answered instead of connecting, while it is set. */
  refusal: NetworkRefusal | null = null;

  async connect(target: NetworkTarget): Promise<Result<Socket, NetworkRefusal>> {
    this.targets.push(target);
    if (this.refusal !== null) return refuse(this.refusal);
    const socket = connect({ host: '127.0.0.1', port: target.port });
    const failed = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false));
      socket.on('error', () => resolve(true));
    });
    return failed ? refuse({ kind: 'unreachable', message: 'Nothing listens there.' }) : ok(socket);
  }
}

/** Tools with the platform's time. */
export function sinkTools(network: GuardedNetwork, over: Partial<SinkTools> = {}): SinkTools {
  const clock = { now: () => branded<EpochMs>(Date.now()), monotonicMs: () => performance.now() };
  const scheduler = timerScheduler({ setTimeout: (run, delayMs) => setTimeout(run, delayMs), clearTimeout: (handle: NodeJS.Timeout) => clearTimeout(handle) });
  return { network, clock, scheduler, random: () => 0.5, sinkId: '0199c2a0-7b00-7000-8000-00000000005a', organisationId: '0199c2a0-7b00-7000-8000-0000000000a1', ...over };
}
