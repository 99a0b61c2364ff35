// The parts of a benchmark as separate processes: what is measured on one core, load and upstream on the other.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

/** Starts a script of this folder and waits for its first message. `core` 0 is for what is measured, 1 for the rest. */
export async function startPart(script, { args = [], core = 1, execArgv = [] } = {}) {
  const child = fork(join(here, script), args, { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  if (canPin) spawnSync('taskset', ['-a', '-p', '-c', String(core), String(child.pid)]);
  const hello = script === 'load.mjs' ? {} : (await once(child, 'message'))[0];
  if (canPin) spawnSync('taskset', ['-a', '-p', '-c', String(core), String(child.pid)]);
  return {
    ...hello,
    ask: async (message) => {
      child.send(message);
      const [answer] = await once(child, 'message');
      return answer;
    },
    stop: async () => {
      child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Whether the parts could be pinned to a core each. */
export const pinned = canPin;
