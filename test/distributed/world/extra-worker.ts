import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Fleet, FleetWorker } from './fleet.js';
import { copyOf } from './process-copy.js';

/** What of a further worker is not as in the others. */
export interface ExtraWorker {
  readonly workerId: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a worker beside those of the launcher: same command and keys, a name and an empty folder of its own. Resolves when it is ready. */
export async function startExtraWorker(fleet: Fleet, { workerId, env = {} }: ExtraWorker): Promise<FleetWorker> {
  const [first] = fleet.workers;
  if (first === undefined) throw new Error('there is no worker to start it after');
  const copy = copyOf(first.pid);
  const folder = join(fleet.world.dataFolder, 'workers', workerId);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = new Map([['--data', folder], ['--worker-id', workerId]]);
  const args = copy.args.map((arg, index) => own.get(copy.args[index - 1] ?? '') ?? arg);
  const { pid, line } = await fleet.launch({ program: copy.program, args, env: { ...copy.env, ...env } });
  return { workerId, url: String(line['url']), pid };
}
