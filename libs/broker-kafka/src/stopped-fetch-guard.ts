import { createRequire } from 'node:module';

interface Runner {
  readonly running: boolean;
  fetch(nodeId: number): Promise<readonly unknown[]>;
}

let guarded = false;

/**
 * Ends the fetching of a consumer of kafkajs 2.2.4 that was stopped. A consumer that is stopped while it divides its fetching anew, since
 * a broker came or went, starts to fetch once more afterwards: it is told at once that there is nothing, and asks again, for ever, without
 * ever letting the event loop go on, so that the whole process hangs. Whoever fetches for a stopped consumer is given an error instead,
 * which ends it: its runner then finds that it was stopped.
 * Called before a client is made; calling again does nothing.
 */
export function guardStoppedFetches(): void {
  if (guarded) return;
  guarded = true;
  const runner = runnerPrototype();
  const { fetch } = runner;
  runner.fetch = async function fetchWhileRunning(this: Runner, nodeId: number): Promise<readonly unknown[]> {
    if (!this.running) throw new Error('the consumer was stopped');
    return fetch.call(this, nodeId);
  };
}

function runnerPrototype(): Runner {
  const runner = createRequire(import.meta.url)('kafkajs/src/consumer/runner.js') as { readonly prototype: Runner };
  return runner.prototype;
}
