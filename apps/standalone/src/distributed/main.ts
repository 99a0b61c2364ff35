import { addStartFlags } from '@sallyport/cli';
import { complainOfUsage, runService } from '@sallyport/service-host';
import { Command, CommanderError } from 'commander';

import { jsonReporter } from '../output/json-reporter.js';
import { terminalReporter } from '../output/terminal-reporter.js';
import { distributedConfig, type DistributedFlags } from './distributed-config.js';
import { startDistributed } from './start-distributed.js';

/** Flags of the command line; undefined when it was answered with help or an error instead. */
function readFlags(argv: readonly string[]): DistributedFlags | number {
  const command = addStartFlags(new Command('start:distributed').description('run control plane and workers as processes of their own, over Kafka, PostgreSQL and Redis'))
    .option('--workers <n>', 'how many workers', '2')
    .option('--json', 'one JSON object a line on stdout')
    .exitOverride();
  try {
    return command.parse([...argv], { from: 'user' }).opts<DistributedFlags>();
  } catch (caught) {
    if (caught instanceof CommanderError) return caught.exitCode === 0 ? 0 : 2;
    throw caught;
  }
}

async function run(flags: DistributedFlags): Promise<number> {
  const beganMs = performance.now();
  const read = distributedConfig(flags, process.env);
  if (!read.ok) return complainOfUsage(read.refusal, flags.json ?? false);
  const config = read.value;
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const write = (text: string): void => void process.stdout.write(text);
  const reporter = config.json ? jsonReporter(write) : terminalReporter(write, colour);
  return runService({
    config,
    start: (surroundings) => startDistributed(config, { ...surroundings, reporter, beganMs }),
    stopping: () => reporter.stopping('Stopping: finishing calls in flight'),
  });
}

const flags = readFlags(process.argv.slice(2));
process.exitCode = typeof flags === 'number' ? flags : await run(flags);
