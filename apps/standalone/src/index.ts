import type { StartFlags } from '@sallyport/cli';
import { complainOfUsage, runService } from '@sallyport/service-host';

import { startConfig } from './config/start-config.js';
import { jsonReporter } from './output/json-reporter.js';
import { terminalReporter } from './output/terminal-reporter.js';
import { startDeployment } from './start-deployment.js';

/** Runs the embedded deployment on this process until it is told to stop. Resolves with the exit code; prints what went wrong. */
export async function runStart(flags: StartFlags): Promise<number> {
  const beganMs = performance.now();
  const read = startConfig(flags, process.env);
  if (!read.ok) return complainOfUsage(read.refusal, flags.json ?? false);
  const config = read.value;
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const write = (text: string): void => void process.stdout.write(text);
  const reporter = config.json ? jsonReporter(write) : terminalReporter(write, colour);
  return runService({
    config,
    start: (surroundings) => startDeployment(config, { ...surroundings, reporter, beganMs }),
    stopping: () => reporter.stopping('Stopping: finishing calls in flight'),
  });
}
