import { complainOfUsage, runService, untilInputEnds } from '@sallyport/service-host';

import { controlPlaneConfig } from './process/control-plane-config.js';
import { startControlPlane } from './process/start-control-plane.js';

/** A control plane as a process: see `process/start-control-plane.ts` for the steps, INTERFACE for flags, variables and exit codes. */
async function main(argv: readonly string[]): Promise<number> {
  const beganMs = performance.now();
  const read = controlPlaneConfig(argv, process.env);
  if (!read.ok) return complainOfUsage(read.refusal, argv.includes('--json'));
  const config = read.value;
  const say = (line: object, sentence: string): void => void process.stdout.write(config.json ? `${JSON.stringify(line)}\n` : `${sentence}\n`);
  return runService({
    config,
    start: (surroundings) => startControlPlane(config, { ...surroundings, say, beganMs }),
    ...(config.stopsWithStdin ? { alsoStopsWhen: untilInputEnds(process.stdin) } : {}),
  });
}

process.exitCode = await main(process.argv.slice(2));
