import { complainOfUsage, runService, untilInputEnds } from '@sallyport/service-host';

import { startWorker } from './worker/start-worker.js';
import { workerConfig } from './worker/worker-config.js';

/** A worker as a process: see `worker/start-worker.ts` for the steps, INTERFACE for flags, variables and exit codes. */
async function main(argv: readonly string[]): Promise<number> {
  const beganMs = performance.now();
  const read = workerConfig(argv, process.env);
  if (!read.ok) return complainOfUsage(read.refusal, argv.includes('--json'));
  const config = read.value;
  const say = (line: object, sentence: string): void => void process.stdout.write(config.json ? `${JSON.stringify(line)}\n` : `${sentence}\n`);
  return runService({
    config,
    start: (surroundings) => startWorker(config, { ...surroundings, say, beganMs }),
    ...(config.stopsWithStdin ? { alsoStopsWhen: untilInputEnds(process.stdin) } : {}),
  });
}

process.exitCode = await main(process.argv.slice(2));
